"""The custom resource definitions of the operators, which are data beside the project."""

import pytest

from tests.deploy.checks.schemas import CRDS, custom_schemas


def skip_without_definitions(check: str) -> None:
    """Skip what cannot be checked without them."""
    if check == "schemas.custom" and not custom_schemas():
        pytest.skip(f"the resources of operators are NOT checked: there is no {CRDS}")
