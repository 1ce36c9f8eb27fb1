"""The routes of the clock exist only where the stack gives the addresses of its services."""

from __future__ import annotations

from typing import Any

import pytest

from kernel.clock.stack_clock import StackClock
from kernel.http import clock_routes
from kernel.observability.health import Heartbeats
from kernel.service.settings import ServiceSettings

STACK = {
    "clock_urls": "one=http://127.0.0.1:1,other=http://127.0.0.1:2",
    "clock_secret": "a secret for tests",
}


def clock_of(service: str, pool: Any = None, **settings: Any) -> StackClock:
    common: dict[str, Any] = {
        "port": 1,
        "database_url": "postgresql://a:b@127.0.0.1/c?sslmode=verify-full",
        "kafka_bootstrap": "127.0.0.1:1",
        "kafka_security": "ssl",
    }
    return StackClock(service, ServiceSettings(**common, **settings), pool, Heartbeats())


def test_every_service_of_a_stack_has_them() -> None:
    for service in ("one", "other"):
        (table,) = clock_routes.tables(clock_of(service, **STACK), ("ops",))
        assert [(it.method, it.path) for it in table.routes] == [("GET", "/v1/clock"), ("POST", "/v1/clock")]
        assert len(clock_routes.routers(clock_of(service, **STACK))) == 1


@pytest.mark.parametrize("env", ["local", "test", "production"])
def test_a_service_that_is_in_no_stack_has_none(env: str) -> None:
    alone = clock_of("one", env=env)

    assert (clock_routes.tables(alone, ("ops",)), clock_routes.routers(alone), alone.loops()) == ([], [], [])


def test_the_first_service_keeps_the_time() -> None:
    one, other = clock_of("one", **STACK), clock_of("other", **STACK)

    assert (one.is_keeper, other.is_keeper, other.keeper_url) == (True, False, "http://127.0.0.1:1")
