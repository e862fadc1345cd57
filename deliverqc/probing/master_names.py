"""Says by a file's extension whether it may be a master; opens nothing."""

from __future__ import annotations

PICTURE_EXTENSIONS = frozenset(
    ("mov", "mp4", "m4v", "mxf", "mkv", "webm", "avi", "ts", "m2ts", "mts", "m2t", "mpg", "mpeg", "vob", "m2v")
    + ("wmv", "asf", "flv", "3gp", "qt", "h264", "264", "avc", "h265", "265", "hevc", "dv", "gxf")
)
"""Of files that hold picture, or may."""

MASTER_EXTENSIONS = PICTURE_EXTENSIONS | frozenset(
    ("wav", "bwf", "rf64", "bw64", "w64", "aif", "aiff", "aifc", "caf", "flac", "mp3", "mp2", "m4a", "m4b", "mka")
    + ("aac", "ac3", "ec3", "eac3", "dts", "dtshd", "thd", "mlp", "ogg", "oga", "opus", "iamf", "au", "wma")
)
"""Extensions taken for masters in a folder scan, in any case. A file named outright is checked whatever its name."""
