"""Plug-ins as a user meets them: installed distributions with entry points, through the command line; the examples are
those of docs/plug-ins.md."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
import wave
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deliverqc.errors import InternalError, PlugInError
from deliverqc.facts.model import Fact, Kind, Layer, span_members
from deliverqc.measuring.one_meter import run_meter
from deliverqc.meters import core_meters, meters, vendors
from deliverqc.meters.model import Curve, Meter, Reading, Reads, Setting
from deliverqc.plug_ins import Group, PlugIn
from deliverqc.reports import FORMATS
from deliverqc.reports import vendors as report_vendors
from deliverqc.reports.model import Format
from deliverqc.timebase import Span, Timeline
from tests.forked import Server, server
from tests.meters.picture.tables import picture_table
from tests.reports.strict import require_described

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "plug-ins.md").read_text(encoding="utf-8")
EXAMPLES = {
    kind: re.findall(rf"^```{kind}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE) for kind in ("python", "toml", "json")
}
QUIET, CSV = EXAMPLES["python"]
ENTRY_POINTS = tomllib.loads(EXAMPLES["toml"][0])["project"]["entry-points"]
SPEC = EXAMPLES["json"][0]
METER_ONLY = {"deliverqc.meters": {"acme_quiet": "acme_quiet:METER"}}
REPORT_ONLY = {"deliverqc.reports": {"csv": "acme_csv:FORMAT"}}

Entries = Mapping[str, Mapping[str, str]]


class Machine:
    """A folder with a master, a house sheet and installed distributions; runs the command line in it."""

    def __init__(self, folder: Path, server: Server) -> None:
        self.folder = folder
        self._server = server
        self.site = folder / "site"
        self.sheet = folder / "sheet.json"
        self.sheet.write_text(SPEC)
        self.master = folder / "tone.wav"
        self._write_master()

    def _write_master(self) -> None:
        """Two seconds of stereo at 48 kHz: a 1 kHz sine at -20 dBFS, of which the last half second is silent."""
        samples = 0.1 * np.sin(2 * np.pi * 1000 * np.arange(96_000) / 48_000)
        samples[72_000:] = 0
        codes = (samples * 32767).astype("<i2").repeat(2)
        with wave.open(str(self.master), "wb") as file:
            file.setnchannels(2)
            file.setsampwidth(2)
            file.setframerate(48_000)
            file.writeframes(codes.tobytes())

    def install(self, entries: Entries, name: str = "acme-qc", **modules: str) -> None:
        """What an installer leaves behind: modules, and a .dist-info with entry points."""
        about = self.site / f"{name.replace('-', '_')}-1.2.dist-info"
        about.mkdir(parents=True)
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.2\n")
        lines = [
            f"[{group}]\n" + "".join(f"{key} = {value}\n" for key, value in them.items())
            for group, them in entries.items()
        ]
        (about / "entry_points.txt").write_text("\n".join(lines))
        for module, text in modules.items():
            (self.site / f"{module}.py").write_text(text)

    @property
    def _environment(self) -> dict[str, str]:
        environment = os.environ | {
            "PYTHONPATH": os.pathsep.join([str(self.site), str(ROOT)]),
            "DELIVERQC_CACHE_DIR": str(self.folder / "store"),
        }
        environment.pop("DELIVERQC_DEBUG", None)
        return environment

    def run(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """The command in a process that has its plug-ins for itself, and no workers."""
        done = self._server.run(
            [*map(str, arguments)], folder=self.folder, environment=self._environment, modules=self.site
        )
        assert "Traceback" not in done.stderr
        return done

    def start(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """The command as a user starts it, with workers."""
        command = [sys.executable, "-m", "deliverqc", *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, cwd=self.folder, env=self._environment)
        assert "Traceback" not in done.stderr
        return done

    def refusal(self, *arguments: str | Path) -> str:
        """What stderr says of a run that a broken plug-in ends: exit code 2, nothing on stdout, the plug-in named."""
        done = self.run(*arguments)
        assert (done.returncode, done.stdout) == (2, "")
        assert "of acme-qc 1.2 (entry point group deliverqc." in done.stderr
        assert "Update or uninstall acme-qc." in done.stderr
        return done.stderr


@pytest.fixture(scope="module")
def _server() -> Iterator[Server]:
    with server() as started:
        yield started


@pytest.fixture
def machine(tmp_path: Path, _server: Server) -> Machine:
    return Machine(tmp_path, _server)


def test_a_meter_of_a_plug_in_measures_for_all_and_where_a_clause_asks(machine: Machine) -> None:
    machine.install(METER_ONLY, acme_quiet=QUIET)

    def group(*more: str | Path) -> dict[str, Any]:
        done = machine.run("facts", machine.master, *more)
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads(done.stdout)["subjects"][0]["facts"]["sound.groups"][0]
        return found

    assert "x.acme.quiet_percent" not in group()
    assert group("--all")["x.acme.quiet_percent"] == 25.0
    assert group("--spec", machine.sheet)["x.acme.quiet_percent"] == 25.0


def test_a_clause_on_a_fact_of_a_plug_in_is_judged_with_the_settings_of_the_spec(machine: Machine) -> None:
    machine.install(METER_ONLY, acme_quiet=QUIET)
    done = machine.run("check", machine.master, "--spec", machine.sheet, "--format", "json")
    assert done.returncode == 1, done.stderr
    document = json.loads(done.stdout)
    require_described(document)
    (verdict,) = document["masters"][0]["subjects"][0]["verdicts"]
    assert verdict["provenance"]["settings"]["acme_quiet"] == {"max_dbfs": -50.0}
    assert verdict["provenance"]["meters"]["acme_quiet"] == 1
    (finding,) = next(one for one in verdict["clauses"] if one["id"] == "mostly-audible")["findings"]
    assert (finding["fact"], finding["actual"], finding["unit"]) == ("sound.groups[].x.acme.quiet_percent", 25.0, "%")
    assert finding["where"] == {"group": 0}

    deaf = json.loads(SPEC)
    deaf["x-settings"]["acme_quiet"]["max_dbfs"] = -120.0
    deaf["allOf"][0]["properties"]["sound.groups"]["items"]["properties"]["x.acme.quiet_percent"]["maximum"] = 24.9
    machine.sheet.write_text(json.dumps(deaf))
    assert machine.run("check", machine.master, "--spec", machine.sheet).returncode == 1
    deaf["allOf"][0]["properties"]["sound.groups"]["items"]["properties"]["x.acme.quiet_percent"]["maximum"] = 25.0
    machine.sheet.write_text(json.dumps(deaf))
    assert machine.run("check", machine.master, "--spec", machine.sheet).returncode == 0


def test_lint_explain_and_judge_know_the_facts_and_settings_of_a_plug_in(machine: Machine) -> None:
    machine.install(METER_ONLY, acme_quiet=QUIET)
    assert machine.run("spec", "lint", machine.sheet).returncode == 0
    explained = machine.run("explain", "mostly-audible", "--spec", machine.sheet)
    assert explained.returncode == 0, explained.stderr
    assert "share of the group's time that is quiet" in " ".join(explained.stdout.split())
    kept = machine.folder / "facts.json"
    kept.write_text(machine.run("facts", machine.master, "--spec", machine.sheet).stdout)
    assert machine.run("judge", kept, "--spec", machine.sheet).returncode == 1

    misspelt = json.loads(SPEC)
    misspelt["x-settings"] = {"acme_quiet": {"max_dbfss": -50.0}}
    machine.sheet.write_text(json.dumps(misspelt))
    assert "the meter acme_quiet has no setting 'max_dbfss'" in machine.run("spec", "lint", machine.sheet).stdout


def test_without_its_plug_in_a_spec_is_refused_and_not_passed(machine: Machine) -> None:
    spec = json.loads(SPEC)
    del spec["x-settings"]
    machine.sheet.write_text(json.dumps(spec))
    done = machine.run("check", machine.master, "--spec", machine.sheet)
    assert done.returncode == 2
    assert (
        "sound.groups[].x.acme.quiet_percent is not a fact: it belongs to a plug-in that is not installed"
        in done.stderr
    )


def test_a_plug_in_measures_in_worker_processes_too(machine: Machine) -> None:
    machine.install(METER_ONLY, acme_quiet=QUIET)
    other = machine.folder / "again.wav"
    other.write_bytes(machine.master.read_bytes())
    done = machine.start("check", machine.master, other, "--spec", machine.sheet, "--format", "json")
    assert done.returncode == 1, done.stderr
    assert [master["decision"] for master in json.loads(done.stdout)["masters"]] == ["fail", "fail"]


def test_a_meter_with_a_fact_of_deliverqc_is_refused(machine: Machine) -> None:
    foreign = QUIET.replace("sound.groups[].x.acme.quiet_percent", "sound.groups[].loudness.integrated_lufs")
    machine.install(METER_ONLY, acme_quiet=foreign)
    said = machine.refusal("check", machine.master, "--spec", machine.sheet)
    assert "the fact 'sound.groups[].loudness.integrated_lufs' must be named" in said
    assert "sound.groups[].x.<vendor>.<name>" in said
    assert "the plug-in 'acme_quiet'" in said


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("import no_such_module_anywhere\n", "ModuleNotFoundError: No module named 'no_such_module_anywhere'"),
        ("def measure(:\n", "SyntaxError"),
        ("import sys\nsys.exit(0)\n", "SystemExit: 0"),
        ("METRE = 1\n", "AttributeError: module 'acme_quiet' has no attribute 'METER'"),
        ("METER = 1\n", "it gives an object of type int where a deliverqc Meter is required"),
        ("def METER():\n    raise OSError('no licence')\n", "OSError: no licence"),
    ],
)
def test_a_meter_that_fails_to_load_ends_every_run_and_is_named(machine: Machine, text: str, cause: str) -> None:
    machine.install(METER_ONLY, acme_quiet=text)
    said = machine.refusal("check", machine.master, "--spec", "ebu-r128-programme", "--tier", "headers")
    assert "the plug-in 'acme_quiet'" in said and "deliverqc.meters" in said
    assert cause in said


@pytest.mark.parametrize(
    ("fault", "cause"),
    [
        ("raise ValueError('no grain here')", "ValueError: no grain here"),
        ("import sys; sys.exit(0)", "SystemExit: 0"),
        ("sound.energy[:] = 0", "ValueError: assignment destination is read-only"),
        ("return None", "it gives an object of type NoneType where a Reading of facts is required"),
        ("return Reading(facts={'x.acme.quiet_percent': float('nan')})", "nan"),
        ("return Reading(facts={'loudness.integrated_lufs': -23.0})", "which its meter does not declare"),
    ],
)
def test_a_meter_that_fails_while_measuring_ends_the_master_with_an_error(
    machine: Machine, fault: str, cause: str
) -> None:
    machine.install(METER_ONLY, acme_quiet=QUIET.replace("    limit =", f"    {fault}\n    limit ="))
    done = machine.run("check", machine.master, "--spec", machine.sheet, "--format", "json")
    assert done.returncode == 5, done.stderr
    (master,) = json.loads(done.stdout)["masters"]
    assert (master["decision"], master["error"]["code"]) == ("error", "plugin-failed")
    assert "the plug-in 'acme_quiet' of acme-qc 1.2" in master["error"]["message"]
    assert cause in master["error"]["message"]
    if "no grain" in fault:
        facts = machine.run("facts", machine.master, "--all")
        assert (facts.returncode, facts.stdout) == (5, "")
        assert "acme_quiet" in facts.stderr
        assert machine.run("facts", machine.master).returncode == 0, "no clause asks for it"


def test_what_a_plug_in_prints_does_not_spoil_the_document(machine: Machine) -> None:
    chatty = "print('loaded')\n" + QUIET.replace("    limit =", "    print('measuring')\n    limit =")
    machine.install(ENTRY_POINTS, acme_quiet=chatty, acme_csv=CSV)
    done = machine.run("check", machine.master, "--spec", machine.sheet, "--format", "json")
    assert json.loads(done.stdout)["decision"] == "fail"
    assert "measuring" in done.stderr


def test_a_report_of_a_plug_in_works_by_name_and_by_suffix(machine: Machine) -> None:
    machine.install(ENTRY_POINTS, acme_quiet=QUIET, acme_csv=CSV)
    written, kept = machine.folder / "qc.csv", machine.folder / "qc.json"
    reports = ("--report", written, "--report", kept)
    done = machine.run("check", machine.master, "--spec", machine.sheet, "--format", "csv", *reports)
    assert done.returncode == 1, done.stderr
    assert "tone.wav,fail,mostly-audible,fail" in done.stdout.splitlines()
    assert written.read_text() == done.stdout
    again = machine.folder / "again.csv"
    assert machine.run("report", kept, "--to", again).returncode == 0
    assert again.read_text() == done.stdout
    assert "csv" in machine.run("check", "--help").stdout
    broken = machine.folder / "broken.wav"
    broken.write_bytes(b"no media")
    assert "broken.wav,error,," in machine.run("check", broken, "--spec", machine.sheet, "--format", "csv").stdout
    doctor = machine.run("doctor").stdout
    assert re.search(r"plug-in +csv +acme-qc 1\.2 +deliverqc\.reports", doctor)


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ((".csv", ".html"), "deliverqc has the suffix '.html'"),
        (('name="csv"', 'name="json"'), "deliverqc has the format 'json'"),
        (("import csv, io", "import no_such_module_anywhere"), "No module named 'no_such_module_anywhere'"),
    ],
)
def test_a_report_that_takes_what_deliverqc_has_or_fails_to_load_is_refused(
    machine: Machine, change: tuple[str, str], cause: str
) -> None:
    machine.install(REPORT_ONLY, acme_csv=CSV.replace(*change))
    said = machine.refusal("check", machine.master, "--spec", "ebu-r128-programme", "--tier", "headers")
    assert "the plug-in 'csv'" in said and "deliverqc.reports" in said
    assert cause in said


def test_a_report_that_raises_leaves_the_verdict_and_the_exit_code_of_a_fault(machine: Machine) -> None:
    spoiling = CSV.replace('    rows = [("master"', '    document["masters"].clear()\n    rows = [("master"')
    machine.install(
        REPORT_ONLY, acme_csv=spoiling.replace("    return text", "    raise KeyError('gone')\n    return text")
    )
    target = machine.folder / "qc.csv"
    spec = "ebu-r128-programme"
    done = machine.run("check", machine.master, "--spec", spec, "--format", "json", "--report", target)
    assert done.returncode == 5
    assert json.loads(done.stdout)["masters"], "the plug-in had a document of its own"
    assert "the plug-in 'csv' of acme-qc 1.2" in done.stderr and "KeyError: 'gone'" in done.stderr
    assert not target.exists()
    assert machine.run("check", machine.master, "--spec", spec, "--format", "csv").returncode == 5


def test_specs_of_a_plug_in_are_found_and_one_that_fails_is_named(machine: Machine) -> None:
    entries = {**METER_ONLY, "deliverqc.specs": {"acme": "acme_specs"}}
    machine.install(entries, acme_quiet=QUIET, acme_specs="")
    (machine.site / "sheet.json").write_text(SPEC)
    assert machine.run("check", machine.master, "--spec", "acme-house").returncode == 1
    (machine.site / "acme_specs.py").write_text("1 / 0\n")
    assert "ZeroDivisionError" in machine.refusal("check", machine.master, "--spec", "acme-house")


def test_two_packages_cannot_give_the_same_meter_or_format(machine: Machine) -> None:
    machine.install(ENTRY_POINTS, acme_quiet=QUIET, acme_csv=CSV)
    rival = {"deliverqc.meters": {"z_quiet": "acme_quiet:METER"}}
    machine.install(rival, name="rival-qc")
    done = machine.run("facts", machine.master)
    assert done.returncode == 2
    assert "'z_quiet' of rival-qc 1.2" in done.stderr and "'acme_quiet' of acme-qc 1.2" in done.stderr


def test_damaged_entry_points_of_any_package_are_no_traceback(machine: Machine) -> None:
    machine.install({})
    (machine.site / "acme_qc-1.2.dist-info" / "entry_points.txt").write_text("[console_scripts]\nno equals sign\n")
    done = machine.run("facts", machine.master)
    assert done.returncode == 2
    assert "the entry points of the installed packages cannot be read" in done.stderr


def test_no_plug_in_is_looked_for_where_none_can_matter() -> None:
    code = "import sys; sys.argv = ['deliverqc', '--version']\nfrom deliverqc.cli import _run; _run(None); " + (
        "print({'deliverqc.plug_ins', 'importlib.metadata'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.splitlines()[-1] == "set()"


PLUG_IN = PlugIn(name="grain", group=Group.METERS, package="acme-qc 1.2")


def still(signal: Any, settings: Mapping[str, Any]) -> Reading:
    return Reading(facts={"x.acme.grain": 0.25})


def fact(name: str = "x.acme.grain", kind: Kind = Kind.NUMBER, **changes: Any) -> Fact:
    made = Fact(
        name=name, kind=kind, layer=Layer.BASEBAND, meaning="grain", given_by=("meter:acme_grain",), resolution=0.1
    )
    return replace(made, **changes)


METER = Meter(name="acme_grain", version=1, reads=Reads.PICTURE, facts=(fact(),), measure=still)


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Meter]]:
    shipped = meters()  # kept for the whole process, so before anything is put in place of what is installed

    def loaded(*given: Any) -> dict[str, Meter]:
        monkeypatch.setattr(vendors, "load_plug_ins", lambda group: [(PLUG_IN, one) for one in given])
        return vendors.plug_in_meters(shipped)

    return loaded


def test_a_sound_meter_is_taken_with_its_plug_in_and_is_none_of_the_core_set(load: Any) -> None:
    assert load(METER) == {"acme_grain": replace(METER, plug_in=PLUG_IN)}
    spans = ("x.acme.dust.spans", "sound.groups[].x.acme.hum.spans")
    for name, reads in zip(spans, (Reads.PICTURE, Reads.GROUP), strict=True):
        members = span_members(name, given_by=("meter:acme_grain",), of_sound=reads is Reads.GROUP)
        assert load(replace(METER, reads=reads, facts=(fact(name, Kind.SPANS), *members)))
    assert load(replace(METER, facts=(fact("x.acme.dust", Kind.LIST), fact("x.acme.dust[].size_px"))))
    assert load(replace(METER, extension="defects"))
    assert core_meters() == {name for name, meter in meters().items() if meter.extension is None}


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"name": "black"}, "deliverqc already has a meter 'black'"),
        ({"name": "groups"}, "deliverqc already has a meter 'groups'"),
        ({"name": "Acme grain"}, "lower-case letters"),
        ({"name": None}, "`name` of its meter is an object of type NoneType"),
        ({"version": 0}, "`version` of its meter"),
        ({"version": True}, "`version` of its meter"),
        ({"reads": "picture and more"}, "`reads` of its meter"),
        ({"facts": ()}, "`facts` of its meter"),
        ({"measure": None}, "`measure` of its meter"),
        ({"measure": lambda signal, settings: Reading(facts={})}, "has to be a function of a module"),
        ({"facts": (fact("picture.grain"),)}, "'picture.grain' must be named"),
        ({"facts": (fact("x.grain"),)}, "'x.grain' must be named"),
        ({"facts": (fact("x.acme.Grain"),)}, "must be named"),
        ({"facts": (fact("sound.groups[].x.acme.grain"),)}, "must be named"),
        ({"reads": Reads.GROUP}, "named sound.groups[].x.<vendor>"),
        ({"facts": (fact(), fact())}, "names a fact twice"),
        ({"facts": (fact("x.acme.dust[].size_px"),)}, "is a member of x.acme.dust, which is not a list"),
        ({"facts": (fact("x.acme.dust.spans", Kind.SPANS),)}, "have no members"),
        ({"facts": (fact(given_by=("meter:black",)),)}, 'write ("meter:acme_grain",)'),
        ({"facts": (fact(name=None),)}, "cannot be used"),
        ({"extension": "x-rays"}, "there are no columns 'x-rays'"),
        ({"extension": "speech"}, "there are no columns 'speech'; a meter on the picture can read: rgb"),
        ({"settings": (Setting(name="limit", default=9, unit=None, meaning="limit", maximum=5),)}, "not allowed"),
    ],
)
def test_a_meter_that_breaks_a_rule_is_refused(load: Any, changes: dict[str, Any], cause: str) -> None:
    with pytest.raises(PlugInError, match=re.escape(cause)) as caught:
        load(replace(METER, **changes))
    assert caught.value.code == "plugin-broken"
    assert caught.value.message.startswith("the plug-in 'grain' of acme-qc 1.2 (entry point group deliverqc.meters)")


def test_a_fact_or_a_meter_that_another_plug_in_has_is_refused(load: Any) -> None:
    with pytest.raises(PlugInError, match="has the meter name 'acme_grain' too"):
        load(METER, METER)
    with pytest.raises(PlugInError, match=r"has the fact 'x\.acme\.grain' too"):
        load(METER, replace(METER, name="other"))


def reading_of(reading: Any, *facts: Fact) -> Any:
    facts = facts or (fact(),)
    meter = replace(METER, facts=facts, plug_in=PLUG_IN, measure=lambda signal, settings: reading)
    known = {one.name: one for one in facts}
    return run_meter(
        meter,
        picture_table(25),
        {},
        known=known,
        prefix="",
        timeline=Timeline(frame_rate=Fraction(25), frame_count=25, start=None),
    )


def test_what_a_meter_of_a_plug_in_reads_is_published_as_ours_is() -> None:
    grain, dust = fact(), fact("x.acme.dust.spans", Kind.SPANS)
    members = span_members(dust.name, given_by=dust.given_by)
    curve = Curve(name="x.acme.grain", unit="%", step_s=0.04, values=np.ones(25))
    reading = Reading(facts={grain.name: np.float32(0.26), dust.name: (Span(0, 5),)}, curves=(curve,))
    facts, curves = reading_of(reading, grain, dust, *members)
    assert (facts[grain.name], facts[dust.name][0]["duration_s"], curves) == (0.3, 0.2, (curve,))


@pytest.mark.parametrize(
    ("reading", "facts", "cause"),
    [
        ({"x.acme.grain": 1.0}, (), "it gives an object of type dict"),
        (Reading(facts={"picture.black.spans": ()}), (), "does not declare"),
        (Reading(facts={"x.acme.grain": "much"}), (), "not a number"),
        (Reading(facts={"x.acme.grain": None}), (), "is null"),
        (Reading(facts={"x.acme.grain": np.inf}), (), "not a number"),
        (Reading(facts={"x.acme.kind": 7}), (fact("x.acme.kind", Kind.STRING),), "not of the kind string"),
        (Reading(facts={"x.acme.all": {"a": float("nan")}}), (fact("x.acme.all", Kind.OBJECT),), "not JSON compliant"),
        (Reading(facts={}, curves=("curve",)), (), "its curve 'curve'"),  # type: ignore[arg-type]
        (
            Reading(facts={}, curves=(Curve(name="loudness", unit="", step_s=1, values=[1]),)),
            (),
            "its curve 'loudness'",
        ),
        (Reading(facts={}, curves=(Curve(name="x.a.b", unit="", step_s=0, values=[1]),)), (), "cannot be thinned"),
    ],
)
def test_a_reading_that_cannot_be_published_is_a_failure_of_the_plug_in(
    reading: Any, facts: tuple[Fact, ...], cause: str
) -> None:
    with pytest.raises(InternalError, match=cause) as caught:
        reading_of(reading, *facts)
    assert caught.value.code == "plugin-failed"
    assert "the plug-in 'grain' of acme-qc 1.2" in caught.value.message
    assert "measuring the picture with acme_grain" in caught.value.message


GOOD = Format(name="csv", suffixes=(".csv",), render=lambda document: "a", meaning="rows")


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"name": "text"}, "deliverqc has the format 'text'"),
        ({"name": "C S V"}, "lower-case letters"),
        ({"suffixes": (".HTML",)}, "is not a dot and lower-case"),
        ({"suffixes": (".htm",)}, "deliverqc has the suffix '.htm'"),
        ({"suffixes": ("csv",)}, "is not a dot"),
        ({"suffixes": (".tar.gz",)}, "is not a dot"),
        ({"suffixes": ".csv"}, "not a tuple"),
        ({"render": None}, "not a function"),
        ({"meaning": ""}, "does not say what it is for"),
    ],
)
def test_a_format_that_breaks_a_rule_is_refused(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], cause: str
) -> None:
    given = replace(GOOD, **changes)
    monkeypatch.setattr(report_vendors, "load_plug_ins", lambda group: [(PLUG_IN, given)])
    with pytest.raises(PlugInError, match=re.escape(cause)):
        report_vendors.plug_in_formats(FORMATS)


@pytest.mark.parametrize("given", [None, "csv", sys])
def test_what_is_no_format_is_refused(monkeypatch: pytest.MonkeyPatch, given: Any) -> None:
    monkeypatch.setattr(report_vendors, "load_plug_ins", lambda group: [(PLUG_IN, given)])
    with pytest.raises(PlugInError, match=r"where a Format of deliverqc\.reports is required"):
        report_vendors.plug_in_formats(FORMATS)


def test_a_format_that_gives_no_text_fails_and_a_newline_is_added(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = replace(GOOD, name="numbers", suffixes=(), render=lambda document: 7)
    monkeypatch.setattr(report_vendors, "load_plug_ins", lambda group: [(PLUG_IN, GOOD), (PLUG_IN, numbers)])
    found = report_vendors.plug_in_formats(FORMATS)
    assert found["csv"].render({}) == "a\n"
    with pytest.raises(InternalError, match="gives an object of type int where text is required"):
        found["numbers"].render({})
