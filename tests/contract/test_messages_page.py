"""The reference of messages says what the code does."""

import subprocess
import sys
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def test_the_committed_page_is_that_of_the_code() -> None:
    """If this fails: make messages."""
    check = subprocess.run(
        [sys.executable, DOCS / "generate_messages.py", "--check"], check=False
    )  # our own script
    assert check.returncode == 0
