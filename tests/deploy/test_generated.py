"""The manifests that follow from the topology and the rules are up to date."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.generate import FILES, text_of


@pytest.mark.parametrize("path", FILES, ids=lambda it: it.name)
def test_the_committed_file_is_the_generated_one(path: Path) -> None:
    """If this fails: make manifests."""
    assert path.read_text() == text_of(FILES[path]())
