"""The generated references say what the code does."""

import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("script", ["generate_messages.py", "generate_errors.py", "generate_failpoints.py"])
def test_the_committed_page_is_that_of_the_code(script: str) -> None:
    """If this fails: make messages."""
    check = subprocess.run([sys.executable, DOCS / script, "--check"], check=False)  # our own script
    assert check.returncode == 0
