"""Which libraries read masters here, and in which version."""

from __future__ import annotations

from deliverqc.probing.mediainfo import library_version


def versions() -> dict[str, str]:
    """Version of `libav` (the FFmpeg inside av's wheel) and of `mediainfo`."""
    import av  # 60 ms that a command without masters does not have

    return {"libav": av.ffmpeg_version_info, "mediainfo": library_version()}
