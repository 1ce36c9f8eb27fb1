"""A generator of clients accepts the whole description of each service."""

from pathlib import Path

import pytest

from tests.support.applications import APPLICATIONS, application, operations
from tests.support.generated_client import generate


@pytest.mark.parametrize("name", APPLICATIONS)
def test_the_client_has_every_operation_and_no_warning(name: str, tmp_path: Path) -> None:
    described = application(name).openapi()

    assert generate(described, "made", tmp_path) == ""
    generated = {it.stem for it in tmp_path.glob("made/api/*/*.py")} - {"__init__"}
    assert generated == operations(described).keys()
