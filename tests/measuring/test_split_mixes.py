"""Mono files of one mix are judged by the loudness of the mix; other mono files by their own."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from deliverqc.measuring.registry import spec_library
from deliverqc.measuring.split_mixes import siblings_of
from deliverqc.pipeline import check_master, facts_document
from deliverqc.request import Request, Tier
from fixtures.ffmpeg import make

_NOISE = "-f lavfi -i anoisesrc=c=pink:r=48000:d=4:a=0.05:seed={seed}"


@pytest.fixture(scope="module")
def channels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six mono files of different noise."""
    folder = tmp_path_factory.mktemp("channels")
    for seed in range(6):
        make(folder / f"{seed}.wav", f"{_NOISE.format(seed=seed)} -c:a pcm_s24le")
    return folder


def _joined(sources: list[Path], target: Path, layout: str) -> Path:
    inputs = " ".join(f"-i '{source}'" for source in sources)
    streams = "".join(f"[{number}]" for number in range(len(sources)))
    filters = f"{streams}join=inputs={len(sources)}:channel_layout={layout}"
    return make(target, f"{inputs} -filter_complex {filters} -c:a pcm_s24le")


def _group(path: Path) -> dict[str, Any]:
    facts = facts_document(path, None, Tier.FULL)["subjects"][0]["facts"]
    (group,) = facts["sound.groups"]
    return {"files": facts["sound.mix_files"], "is_silent": facts.get("sound.is_silent"), **group}


def _split(channels: Path, folder: Path, names: list[str]) -> list[Path]:
    folder.mkdir(exist_ok=True)
    return [Path(shutil.copy(channels / f"{number}.wav", folder / name)) for number, name in enumerate(names)]


@pytest.mark.parametrize("names", [["mix.L.wav", "mix.R.wav"], ["mix Left.wav", "mix Right.wav"]])
def test_a_stereo_mix_in_two_files_has_the_loudness_of_the_mix(
    names: list[str], channels: Path, tmp_path: Path
) -> None:
    paths = _split(channels, tmp_path / "split", names)
    whole = _group(_joined(paths, tmp_path / "whole.wav", "stereo"))
    for path in paths:
        found = _group(path)
        assert (found["files"], found["layout"], found["formed_by"], found["channels"]) == (
            names,
            "2.0",
            "files",
            ["0.0"],
        )
        assert found["is_silent"] is False
        for name in ("loudness.integrated_lufs", "loudness.max_true_peak_dbtp", "loudness.range_lu"):
            assert found[name] == whole[name]
        assert "phase.mono_sum_db" not in found
    assert whole["files"] is None


def test_a_surround_mix_in_six_files_weighs_its_channels(channels: Path, tmp_path: Path) -> None:
    labels = ["L", "R", "C", "LFE", "Ls", "Rs"]
    paths = _split(channels, tmp_path / "split", [f"show_{label.upper()}.wav" for label in labels])
    whole = _group(_joined(paths, tmp_path / "whole.wav", "5.1\\(side\\)"))
    found = _group(paths[3])
    assert (found["layout"], found["channel_labels"]) == ("5.1", labels)
    assert found["loudness.integrated_lufs"] == whole["loudness.integrated_lufs"]


def test_mono_files_that_only_look_alike_keep_their_own_loudness(channels: Path, tmp_path: Path) -> None:
    left, *_ = _split(channels, tmp_path, ["take.L.wav", "other.R.wav", "take.C.wav", "take-R.wav", "take.R.flac"])
    make(tmp_path / "take.R.wav", f"-i {channels / '1.wav'} -t 3.99 -c:a pcm_s24le")
    found = _group(left)
    assert (found["files"], found["layout"]) == (None, "1.0")
    assert found["loudness.integrated_lufs"] == _group(channels / "0.wav")["loudness.integrated_lufs"]


def test_a_mix_with_a_file_that_cannot_be_measured_is_incomplete(
    channels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from deliverqc import pipeline

    left, right = _split(channels, tmp_path, ["mix.L.wav", "mix.R.wav"])
    read = pipeline.probe

    def probe_and_touch(path: Path) -> Any:
        probed = read(path)
        if path.name == right.name:
            right.touch()
        return probed

    monkeypatch.setattr(pipeline, "probe", probe_and_touch)
    library = spec_library()
    entry = check_master(left, [library.load("ebu-r128-programme")], library, Request())
    assert entry["decision"] == "incomplete"
    clauses = {one["id"]: one for one in entry["subjects"][0]["verdicts"][0]["clauses"]}
    assert clauses["integrated-loudness"]["outcome"] == "not_measured"
    assert clauses["integrated-loudness"]["note"].startswith("one of 2 mono files of one mix (mix.L.wav, mix.R.wav)")


def test_files_of_a_mix_are_found_by_name(tmp_path: Path) -> None:
    names = (
        "a/mix.L.wav",
        "a/mix.R.wav",
        "b/mix.L.wav",
        "b/mix.R.wav",
        "c/x-l.wav",
        "d/x-r.wav",
        "d/y_Ls.wav",
        "d/y_Rs.wav",
    )
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    given = [tmp_path / name for name in names]

    def found(name: str, *others: Path) -> list[str]:
        return [one.relative_to(tmp_path).as_posix() for one in siblings_of(tmp_path / name, others).values()]

    assert found("b/mix.L.wav", *given) == ["b/mix.L.wav", "b/mix.R.wav"]
    assert found("c/x-l.wav") == []
    assert found("c/x-l.wav", *given) == ["c/x-l.wav", "d/x-r.wav"]
    assert found("d/y_Ls.wav", *given) == []
    assert found("d/plain.wav", *given) == []
