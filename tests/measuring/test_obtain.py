"""Stored measurements are used for the very file and the very plan that they were made of, and for no other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from deliverqc.measuring.obtain import obtain_signals
from deliverqc.probing import Probed, probe
from deliverqc.signals.store import Store
from fixtures.ffmpeg import make


@pytest.fixture(scope="module")
def master(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(
        tmp_path_factory.mktemp("store") / "a.mov",
        "-f lavfi -i testsrc2=s=64x36:r=25 -f lavfi -i sine=f=1000:r=48000 -t 1 -c:v prores_ks -c:a pcm_s24le",
    )


def _stages(path: Path, probed: Probed, store: Store) -> set[str]:
    told: set[str] = set()
    obtain_signals(path, probed, store=store, progress=lambda stage, done, total: told.add(stage))
    return told


def test_a_second_run_decodes_nothing_and_another_plan_decodes_again(master: Path, tmp_path: Path) -> None:
    probed, store = probe(master), Store(folder=tmp_path)
    assert _stages(master, probed, store) == {"decode"}
    assert _stages(master, probed, store) == set()
    assert _stages(master, replace(probed, promised_frame_count=None), store) == {"decode"}
    assert _stages(master, replace(probed, facts=probed.facts | {"picture.color_matrix": "bt2020nc"}), store) == {
        "decode"
    }


def test_signals_of_a_file_that_changes_while_it_is_decoded_are_not_kept(master: Path, tmp_path: Path) -> None:
    copy, store = tmp_path / "copy.mov", Store(folder=tmp_path / "store")
    copy.write_bytes(master.read_bytes())

    def grow(stage: str, done: float, total: float | None) -> None:
        with copy.open("ab") as file:
            file.write(b"more")

    obtain_signals(copy, probe(copy), store=store, progress=grow)
    assert store.tables() == []
