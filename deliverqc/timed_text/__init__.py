"""Reads timed text and captions: SRT, WebVTT, the TTML family, EBU STL, SCC, MCC, subtitles of DCPs, and captions of
CTA-608 and CTA-708. Opens the file that it is given and no other; knows no fact, no picture and no spec.

Every reader gives a `Document` (`model.py`), or raises `TextError` with the line and the reason. `reading.py` finds out
which reader a file needs.
"""
