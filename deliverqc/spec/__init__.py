"""Delivery specifications: found, linted, resolved and chosen; knows nothing of masters or of how facts are
measured.
"""
