"""Which audio files of a DCP have sign-language video, and what is not known of them."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from deliverqc.measuring.compositions import PackagedComposition
from deliverqc.measuring.sign_language_facts import read_videos, sign_language_facts
from deliverqc.packages import read_package
from deliverqc.probing.sign_language import SignLanguageVideo
from deliverqc.probing.wrappers.mxf_identity import read_identity
from fixtures.mxf import with_metadata
from fixtures.packages import CONFIGURATION_4, label_of_channel, make_dcp, urn

_FACT = "package.composition.sign_language_videos"
_VIDEO = SignLanguageVideo(
    codec="vp9", width_px=480, height_px=640, frame_rate=Fraction(24), pixel_format="yuv420p", max_bit_rate_bps=900_000,
    block_count=3, unread_count=1,
)  # fmt: skip


@pytest.fixture(scope="module")
def packaged(tmp_path_factory: pytest.TempPathFactory) -> PackagedComposition:
    package = read_package(make_dcp(tmp_path_factory.mktemp("sign") / "dcp").asset_map)
    return PackagedComposition(
        package=package, composition=package.compositions[0], facts={}, files={}, is_changed=False
    )


def _with(packaged: PackagedComposition, channels: int, **changes: Any) -> PackagedComposition:
    probed = SimpleNamespace(facts={"sound.channel_count": channels})
    files: Any = {packaged.package.folder / "sound_0.mxf": SimpleNamespace(probed=probed, signals=None)}
    return replace(packaged, files=files, **changes)


def _sound(packaged: PackagedComposition) -> Path:
    return packaged.package.folder / "sound_0.mxf"


def test_video_is_told_with_its_values(packaged: PackagedComposition) -> None:
    (entry,) = sign_language_facts(_with(packaged, 16, sign_language={_sound(packaged): _VIDEO}))[_FACT]
    assert entry == {
        "id": urn("sound 0"), "reel": 0, "kind": "sound", "codec": "vp9", "width_px": 480, "height_px": 640,
        "frame_rate": "24/1", "chroma_subsampling": "4:2:0", "max_bit_rate_bps": 900_000, "unread_block_count": 1,
    }  # fmt: skip
    unread = replace(_VIDEO, codec=None)
    (entry,) = sign_language_facts(_with(packaged, 16, sign_language={_sound(packaged): unread}))[_FACT]
    assert (entry["codec"], "width_px" in entry) == ("unread", False)


def test_none_is_null_and_what_nobody_looked_into_is_unknown(packaged: PackagedComposition) -> None:
    assert sign_language_facts(_with(packaged, 16, sign_language={_sound(packaged): None})) == {_FACT: None}
    assert sign_language_facts(_with(packaged, 6, sign_language={})) == {_FACT: None}
    assert sign_language_facts(_with(packaged, 16, sign_language={})) == {}
    assert sign_language_facts(_with(packaged, 16)) == {}
    assert sign_language_facts(replace(packaged, sign_language={})) == {}


def test_a_label_without_a_video_is_told(packaged: PackagedComposition, tmp_path: Path) -> None:
    path = tmp_path / "labelled.mxf"
    path.write_bytes(_sound(packaged).read_bytes())
    with_metadata(path, labels=[("6b", label_of_channel("SLVS", "sgM", 1))], assignment=CONFIGURATION_4)
    identity = {_sound(packaged): read_identity(path)}
    (entry,) = sign_language_facts(_with(packaged, 1, sign_language={_sound(packaged): None}, identities=identity))[
        _FACT
    ]
    assert entry["codec"] == "none"


def test_files_with_channels_enough_are_looked_into(packaged: PackagedComposition) -> None:
    assert read_videos(_with(packaged, 6)) == {}
    assert read_videos(_with(packaged, 16)) == {}, "the file has one channel, so it cannot be read"
    identity: Any = {_sound(packaged): None}
    assert read_videos(_with(packaged, 16, identities=identity)) == {}
