"""The generated reference pages are up to date."""

import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize(
    "script", ["generate_messages.py", "generate_errors.py", "generate_failpoints.py", "generate_metrics.py"]
)
def test_the_committed_page_is_the_generated_one(script: str) -> None:
    """If this fails: make messages."""
    check = subprocess.run([sys.executable, DOCS / script, "--check"], check=False)  # our own script
    assert check.returncode == 0
