"""Every route stands in a table, with the roles of section 9 of the interfaces."""

from __future__ import annotations

import pytest

from contracts.topology import SERVICE_NAMES
from tests.support.access import (
    GATEWAY,
    GATEWAY_ROWS,
    Row,
    described,
    roles_by_section_9,
    rows,
)
from tests.support.applications import application


@pytest.mark.parametrize("row", rows(), ids=str)
def test_the_roles_of_a_row_are_those_of_section_9(row: Row) -> None:
    assert row.roles == roles_by_section_9(row.method, row.path)


def test_every_described_route_stands_in_a_table_and_every_row_is_described() -> None:
    found = {
        line for name in (*SERVICE_NAMES, GATEWAY) for line in described(name, application(name).openapi())
    }

    assert found == {str(row) for row in (*rows(), *GATEWAY_ROWS)}


def test_a_route_that_section_9_does_not_provide_for_is_an_error() -> None:
    with pytest.raises(LookupError):
        roles_by_section_9("GET", "/v1/flows")
