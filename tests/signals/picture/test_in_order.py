"""Rows of several frames read at once: kept in order, bounded in number, and stopped by the first fault."""

from __future__ import annotations

import threading
import time

import pytest

from deliverqc.signals.picture.accumulator import frames_in_flight
from deliverqc.signals.picture.in_order import InOrder, usable_cores

_UHD_BYTES = 3840 * 2160 * 2 * 2
"""Of a frame of 4:2:2 at 10 bits."""


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_rows_are_kept_in_order_whatever_is_read_first(threads: int) -> None:
    work, kept = InOrder(threads, threads + 1), []
    for number in range(40):
        pause_s = 0.003 if number % 3 == 0 else 0.0

        def read(number: int = number, pause_s: float = pause_s) -> int:
            time.sleep(pause_s)
            return number

        work.put(read, kept.append)
    work.finish()
    work.close()
    assert kept == list(range(40))


def test_rows_are_read_at_the_same_time_and_kept_one_at_a_time() -> None:
    work, both_read, keeping = InOrder(2, 3), threading.Barrier(2, timeout=10), threading.Lock()

    def keep(_: int) -> None:
        assert keeping.acquire(blocking=False)
        time.sleep(0.001)
        keeping.release()

    for _ in range(10):
        work.put(both_read.wait, keep)  # breaks where one thread reads all
    work.finish()
    work.close()


@pytest.mark.parametrize("most", [2, 4])
def test_no_more_frames_are_in_flight_than_stated(most: int) -> None:
    work, in_flight, seen, lock = InOrder(4, most), [0], [0], threading.Lock()

    def add(step: int) -> None:
        with lock:
            in_flight[0] += step
            seen[0] = max(seen[0], in_flight[0])

    for _ in range(40):
        work.put(lambda: (add(1), time.sleep(0.001)), lambda _: add(-1))
    work.finish()
    work.close()
    assert (seen[0], in_flight[0]) == (most, 0)


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("fault", [ValueError("a plane holds fewer samples"), MemoryError(), KeyboardInterrupt()])
@pytest.mark.parametrize("is_kept", [False, True])
def test_the_first_fault_is_raised_and_nothing_is_kept_after_it(
    threads: int, fault: BaseException, *, is_kept: bool
) -> None:
    work, kept = InOrder(threads, threads + 1), []

    def fail(_: object = None) -> None:
        time.sleep(0.005)
        raise fault

    def fail_sooner() -> None:
        raise RuntimeError("a later frame")

    for number in range(5):
        work.put(lambda number=number: number, kept.append)
    with pytest.raises(type(fault)) as raised:
        work.put((lambda: None) if is_kept else fail, fail if is_kept else kept.append)
        for _ in range(5):
            work.put(fail_sooner, kept.append)
        work.finish()
    work.close()
    assert raised.value is fault
    assert kept == list(range(5))


def test_no_thread_is_left_when_a_pass_is_given_up() -> None:
    before, kept, release = threading.active_count(), [], threading.Event()
    work = InOrder(3, 4)
    for number in range(4):
        work.put(lambda number=number: (release.wait(10), number), kept.append)
    assert threading.active_count() == before + 3
    release.set()
    work.close()
    assert threading.active_count() == before
    assert [number for _, number in kept] == list(range(len(kept)))


def test_fewer_large_frames_are_in_flight() -> None:
    assert [frames_in_flight(threads, 1920 * 1080 * 4) for threads in (2, 4, 8)] == [3, 5, 9]
    assert frames_in_flight(8, _UHD_BYTES) == 2
    assert frames_in_flight(8, 16 * _UHD_BYTES) == 2
    assert usable_cores() >= 1
