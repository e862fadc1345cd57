"""Runs clips of red flashes whose area is known from counting pixels, and prints what is passed or failed wrongly.

Run it from a checkout: python -m campaigns.red_flashes [--one-in 1] [--seed 1]. From 25.5 % of the picture on a clip
has to fail, up to 24.5 % it has to pass, whether a change takes one frame or up to twelve; what is between is not
judged. Areas, colours, masks and rates are all combined; format, motion and length of the ramp are drawn for each.
After those come clips that go through H.264 at 8 Mb/s, and are counted as they are decoded.
"""

from __future__ import annotations

import argparse
import io
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

import av

from deliverqc.meters.photosensitivity import METER
from deliverqc.signals.columns import Colorimetry
from deliverqc.signals.on_demand import photosensitivity
from deliverqc.signals.picture.accumulator import PictureAccumulator
from fixtures.red_flashes import COLOURS, FORMATS, MASKS, MOTIONS, RedFlashing, is_hazardous, planes_of, video_frame

AREAS_PERCENT = (20, 21, 22, 23, 24, 24.5, 25, 25.5, 26, 27, 28, 29, 30)
RATES = (*(Fraction(rate) for rate in (24, 25, 30, 50, 60)), Fraction(24000, 1001), Fraction(60000, 1001))
SAFE_AREA, ALLOWED_AREA, HAZARDOUS_AREA = 0.245, 0.25, 0.255
_SLOWEST_CHANGE_FRAMES = 12
"""What takes longer is no change of red to the meter."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """A clip, and whether it goes through H.264 before it is read."""

    clip: RedFlashing
    is_coded: bool = False


def cases(seed: int) -> Iterator[Case]:
    """Every clip of the grid, in order."""
    chance = random.Random(seed)
    for area, colour, mask, rate in product(AREAS_PERCENT, COLOURS, MASKS, RATES):
        yield Case(
            clip=RedFlashing(
                area_percent=area,
                colour=colour,
                mask=mask,
                rate=rate,
                format=chance.choice(FORMATS),
                motion=chance.choice(MOTIONS),
                ramp_frames=chance.choice((1, 1, 2, 3)),
                seed=chance.randrange(1 << 16),
            )
        )
    for area, colour, mask, rate in product(AREAS_PERCENT, COLOURS[:4], MASKS, (Fraction(25), Fraction(50))):
        clip = RedFlashing(
            area_percent=area,
            colour=colour,
            mask=mask,
            rate=rate,
            format="yuv420p",
            motion=chance.choice(MOTIONS),
            seed=chance.randrange(1 << 16),
            width_px=640,
            height_px=360,
        )
        yield Case(clip=clip, is_coded=True)


def outcome(case: Case) -> str:
    """`agrees`, `wrong pass`, `wrong fail` or `not judged`."""
    clip = case.clip
    frames = clip.frames()
    shown: Iterable[av.VideoFrame] = (video_frame(planes, clip.format) for planes in frames)
    if case.is_coded:
        shown = list(coded(shown, clip.rate))
        frames = [planes_of(frame) for frame in shown]
    must_fail = all(is_hazardous(frames, clip.format, clip.rate, area) for area in (ALLOWED_AREA, HAZARDOUS_AREA))
    may_fail = is_hazardous(frames, clip.format, clip.rate, SAFE_AREA + 1e-6, over_frames=_SLOWEST_CHANGE_FRAMES)
    if may_fail and not must_fail:
        return "not judged"
    fails = _fails(shown, clip.rate)
    if fails == must_fail:
        return "agrees"
    return "wrong fail" if fails else "wrong pass"


def _fails(frames: Iterable[av.VideoFrame], rate: Fraction) -> bool:
    """Whether the meter finds too many red flashes."""
    reader = photosensitivity.columns(Colorimetry(matrix="bt709"))
    accumulator = PictureAccumulator(frame_rate=rate, extensions={"photosensitivity": reader})
    for number, frame in enumerate(frames):
        accumulator.feed(frame, float(number / rate))
    signal = accumulator.finish()
    if signal is None:
        raise ValueError("the clip has no frames")
    return bool(METER.measure(signal, METER.resolve({})).facts["picture.photosensitivity.red_flash.spans"])


def coded(frames: Iterable[av.VideoFrame], rate: Fraction) -> Iterator[av.VideoFrame]:
    """The frames after H.264 at 8 Mb/s."""
    held = io.BytesIO()
    with av.open(held, "w", format="matroska") as wrapper:
        track = wrapper.add_stream("libx264", rate=rate, options={"preset": "veryfast"})
        assert isinstance(track, av.VideoStream)
        track.bit_rate, track.pix_fmt = 8_000_000, "yuv420p"
        for number, frame in enumerate(frames):
            if number == 0:
                track.width, track.height = frame.width, frame.height
            frame.pts, frame.time_base = number, 1 / rate
            wrapper.mux(track.encode(frame))
        wrapper.mux(track.encode(None))
    held.seek(0)
    with av.open(held) as wrapper:
        yield from wrapper.decode(video=0)


def table(found: Sequence[tuple[Case, str]]) -> str:
    """Wrong passes and wrong fails by area, colour, mask, rate and what else a clip has."""
    lines = [f"{'':28}{'judged':>8}{'wrong passes':>14}{'wrong fails':>13}"]
    for title, of in _GROUPS.items():
        counts: dict[str, Counter[str]] = {}
        for case, result in found:
            counts.setdefault(of(case), Counter())[result] += 1
        for name, count in counts.items():
            judged = count.total() - count["not judged"]
            lines.append(f"{title:10}{name:18}{judged:8}{count['wrong pass']:14}{count['wrong fail']:13}")
    return "\n".join(lines)


_GROUPS = {
    "area": lambda case: f"{case.clip.area_percent:g} %",
    "colour": lambda case: case.clip.colour,
    "mask": lambda case: case.clip.mask,
    "rate": lambda case: f"{float(case.clip.rate):.5g}",
    "format": lambda case: "H.264 at 8 Mb/s" if case.is_coded else case.clip.format,
    "motion": lambda case: case.clip.motion,
    "change": lambda case: f"{case.clip.ramp_frames} frames",
}


def main() -> int:
    """Run the grid or one in so many of it; 1 where a clip is judged wrongly."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--one-in", type=int, default=1, help="run every Nth clip")
    options.add_argument("--first", type=int, default=0, help="the clip to begin with")
    given = options.parse_args()
    found = []
    for number, case in list(enumerate(cases(given.seed)))[given.first :: given.one_in]:
        result = outcome(case)
        found.append((case, result))
        if result.startswith("wrong"):
            print(f"{number}: {result}: {case}", flush=True)
    print(table(found))
    return int(any(result.startswith("wrong") for _, result in found))


if __name__ == "__main__":
    raise SystemExit(main())
