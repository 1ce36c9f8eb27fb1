"""Every route stands in a table, with the roles of section 9 of the interfaces."""

from __future__ import annotations

import pytest

from contracts.topology import SERVICE_NAMES
from tests.support.access import (
    GATEWAY,
    GATEWAY_ROWS,
    OUTSIDE_OF_TABLES,
    described,
    roles_by_section_9,
    rows,
)
from tests.support.applications import application, routes_of

NAMES = (*SERVICE_NAMES, GATEWAY)


def test_the_roles_of_a_row_are_those_of_section_9() -> None:
    expected = {str(it): roles_by_section_9(it.method, it.path) for it in rows()}
    assert {str(it): it.roles for it in rows()} == expected


def test_every_described_route_stands_in_a_table_and_every_row_is_described() -> None:
    found = {line for name in NAMES for line in described(name, application(name).openapi())}

    assert found == {str(row) for row in (*rows(), *GATEWAY_ROWS)}


@pytest.mark.parametrize("name", NAMES)
def test_a_route_outside_of_the_tables_is_a_probe_a_page_or_for_a_party_with_a_secret(name: str) -> None:
    found = {f"{method} {route.path_format}" for route in routes_of(name) for method in route.methods or ()}
    in_tables = {f"{row.method} {row.path}" for row in (*rows(), *GATEWAY_ROWS) if row.service == name}

    assert in_tables < found
    assert found - in_tables <= OUTSIDE_OF_TABLES


def test_a_route_that_section_9_does_not_provide_for_is_an_error() -> None:
    with pytest.raises(LookupError):
        roles_by_section_9("GET", "/v1/rivers")
