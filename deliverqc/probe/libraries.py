"""Which libraries read masters here, and in which version."""

from __future__ import annotations


def versions() -> dict[str, str]:
    """Version of `libav` (the FFmpeg inside av's wheel) and of `mediainfo`."""
    import av
    from pymediainfo import MediaInfo

    return {"libav": av.ffmpeg_version_info, "mediainfo": str(MediaInfo._get_library()[2])}
