"""The picture table itself: which columns every decode fills, and that they cost what was promised."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from deliverqc.signals.tables import PictureSignal
from fixtures.pictures import FORMATS, moving
from tests.picture.measuring import table_of_pictures

DESIGN = Path(__file__).parents[2] / "docs" / "design.md"


@pytest.mark.parametrize("pixel_format", FORMATS)
def test_core_columns_of_the_design_are_filled_for_every_frame(pixel_format: str) -> None:
    page = DESIGN.read_text().split("## Core columns of the picture\n")[1].split("\n## ")[0]
    core = re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)
    signal = table_of_pictures(moving(4), pixel_format)
    columns = {one.name: getattr(signal, one.name) for one in fields(PictureSignal)}
    arrays = {name: column for name, column in columns.items() if isinstance(column, np.ndarray)}
    assert sorted(core) == sorted(arrays)
    assert all(len(column) == 4 and np.isfinite(column[2:]).all() for column in arrays.values())
    assert sum(column[0].nbytes for column in arrays.values()) < 300
