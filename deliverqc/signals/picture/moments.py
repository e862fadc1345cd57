"""One decoded frame with the two before it, for as long as rows are computed from it; knows no column."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from deliverqc.signals.picture.planes import Planes, planes_of

if TYPE_CHECKING:
    from av import VideoFrame

    from deliverqc.signals.picture.planes import Shape

Made = TypeVar("Made")


class Moment:
    """A frame and what is known of it while several threads compute rows. `before` and `earlier` are the moments of the
    frame before and of the one before that; None where there is none."""

    def __init__(
        self, frame: VideoFrame, shape: Shape, before: Moment | None = None, earlier: Moment | None = None
    ) -> None:
        self.shape = shape
        self.before, self.earlier = before, earlier
        self._frame: VideoFrame | None = frame
        self._lock = threading.RLock()
        self._made: dict[str, Any] = {}

    @property
    def frame(self) -> VideoFrame:
        """The frame as it was decoded."""
        assert self._frame is not None, "a frame is let go of with its row"
        return self._frame

    @property
    def planes(self) -> Planes:
        """The planes of the frame, brought to its shape by the first row that needs them."""
        return self.once("planes", lambda: planes_of(self.frame, self.shape))

    def once(self, name: str, make: Callable[[], Made]) -> Made:
        """What `make` gives, made by the first that asks and the same for all. It may look at this moment and at
        earlier ones only, so that no two threads wait for each other."""
        with self._lock:
            if name not in self._made:
                self._made[name] = make()
            made: Made = self._made[name]
            return made

    def let_go(self) -> None:
        """Drop all but what the rows of later frames need: the frame's own row is in the table."""
        self._frame = self.before = self.earlier = None


class Rooms(threading.local):
    """Working memory, of each thread its own, that is filled again with every frame: fresh memory costs more than the
    sums."""

    def __init__(self) -> None:
        self._held: dict[str, NDArray[Any]] = {}

    def of(self, name: str, shape: tuple[int, ...], kind: Any) -> NDArray[Any]:  # noqa: ANN401
        """The array `name`, made new where it has too few lines, or lines of another shape or type."""
        held = self._held.get(name)
        if held is None or held.shape[1:] != shape[1:] or len(held) < shape[0] or held.dtype != kind:
            held = self._held[name] = np.empty(shape, dtype=kind)
        return held[: shape[0]]
