"""Prints last how many tests were skipped for want of real masters or published schemas."""

from __future__ import annotations

import pytest


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many tests did not run because DELIVERQC_MATERIAL or DELIVERQC_SCHEMAS is not set."""
    skipped = terminalreporter.stats.get("skipped", [])
    wanting = [report for report in skipped if "is not set" in str(report.longrepr)]
    terminalreporter.write_line(
        f"tests that need DELIVERQC_MATERIAL or DELIVERQC_SCHEMAS and were skipped: {len(wanting)}"
    )
