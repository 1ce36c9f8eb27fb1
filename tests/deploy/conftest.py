"""What the deployment checks print at the end: the planted faults, and by which check each was found."""

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    found = [
        value
        for report in terminalreporter.getreports("passed")
        for name, value in report.user_properties
        if name == "planted"
    ]
    if found:
        terminalreporter.section("planted faults, and what found them")
        for fault, overlay, check in found:
            terminalreporter.write_line(f"{fault:<60} {overlay:<11} {check}")
