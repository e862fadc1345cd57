"""Reads the headers of packets of JPEG 2000 (ISO/IEC 15444-1 annex B) from end to end; decodes no sample, and knows no
track."""
