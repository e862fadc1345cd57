"""Signals: what one decode leaves behind, as tables that every meter is a cheap function of."""
