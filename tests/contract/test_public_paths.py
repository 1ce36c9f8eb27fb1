"""One host before all services: each operation is routed to its service, and nothing else gets out."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest

from contracts.public_paths import ON_EVERY_SERVICE, PUBLIC_PATHS, PUBLISHED, is_below, operator_path, route
from contracts.topology import SERVICE_NAMES
from tests.support.access import OUTSIDE_OF_TABLES

# which is compared with the descriptions by test_openapi.py
LISTED = (line.split() for line in Path(__file__).with_name("operations.txt").read_text().splitlines())
OPERATIONS = [(service, name, path) for service, name, _, path in LISTED if service in SERVICE_NAMES]
PUBLISHED_OPERATIONS = [it for it in OPERATIONS if is_below(it[2], PUBLISHED)]


def is_on_every_service(path: str) -> bool:
    return any(is_below(path, it) for it in ON_EVERY_SERVICE)


@pytest.mark.parametrize(("service", "name", "path"), PUBLISHED_OPERATIONS)
def test_an_operation_is_reached_at_its_service_by_both_of_its_paths(
    service: str, name: str, path: str
) -> None:
    assert route(operator_path(service) + path) == (service, path)
    assert route(path) == (None if is_on_every_service(path) else (service, path)), name


def test_what_is_listed_for_every_service_is_on_every_service() -> None:
    for listed in ON_EVERY_SERVICE:
        assert {service for service, _, path in OPERATIONS if is_below(path, listed)} == {*SERVICE_NAMES}


def test_every_listed_path_has_an_operation() -> None:
    for service, paths in PUBLIC_PATHS.items():
        for listed in paths:
            assert any(it == service and is_below(path, listed) for it, _, path in OPERATIONS), listed


def test_no_listed_path_continues_another() -> None:
    listed = [it for paths in PUBLIC_PATHS.values() for it in paths] + list(ON_EVERY_SERVICE)
    assert not [pair for pair in permutations(listed, 2) if is_below(*pair)]


def test_probes_pages_and_the_routes_among_services_are_not_published() -> None:
    inside = {it.split()[1] for it in OUTSIDE_OF_TABLES if not it.startswith("HEAD")} | {
        "/health/checkout",
        "/",
        "/v1",
        "/cart",
        "/v10/carts",
    }
    assert {path: route(path) for path in inside} == dict.fromkeys(inside)


def test_a_name_that_begins_like_a_published_one_is_not_published() -> None:
    assert route("/v1/cartsandmore") is None
    assert route("/cart-backup/v1/carts") is None
