"""The external tools of the deployment checks, which ``make deploy-tools`` links into ``.venv/bin``."""

import os
import sys
from pathlib import Path

import pytest

BIN = Path(sys.prefix) / "bin"


def tool(command: str) -> str:
    """Its path. Without the tool the test is skipped, but in CI it fails: there it has to be installed."""
    path = BIN / command
    if not path.exists():
        missing(f"{command} is missing: make deploy-tools")
    return str(path)


def missing(reason: str) -> None:
    """Skip the test, or fail it in CI."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
