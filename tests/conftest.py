"""What holds for every test: generated cases have no limit of wall time, which a busy machine would break."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("tests", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tests")


@pytest.fixture(scope="session", autouse=True)
def _one_mediainfo() -> Iterator[None]:
    """Masters that are probed in this process share one process of MediaInfo: see tests/one_mediainfo.py."""
    from tests.one_mediainfo import one_process

    with one_process():
        yield


@pytest.fixture(scope="session")
def demo_masters(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the good and the faulty master of the demonstration, to be read only."""
    from deliverqc.demo import make_demo_master

    folder = tmp_path_factory.mktemp("demo")
    for name, is_faulty in (("good.mov", False), ("faulty.mov", True)):
        make_demo_master(folder / name, faulty=is_faulty)
    return folder


@pytest.fixture(scope="session")
def demo_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the signals of those masters are kept, so that a second spec decodes nothing."""
    return tmp_path_factory.mktemp("demo-store")


@pytest.fixture(scope="session")
def good_master(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The good master of the fixtures, to be read only."""
    from fixtures.masters import make_good_master

    return make_good_master(tmp_path_factory.mktemp("good") / "good.mov")


@pytest.fixture
def without_workers() -> Iterator[None]:
    """Commands check and measure in this process: see tests/in_process.py."""
    from tests.in_process import workers_here

    with workers_here():
        yield
