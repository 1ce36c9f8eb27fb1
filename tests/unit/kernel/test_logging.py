"""Every line is JSON with its chain of events, and none speaks of a person or a secret."""

from __future__ import annotations

import json
import logging
import subprocess
import sys

import pytest

from kernel.logging import HIDDEN, hide_private

PROGRAM = """
import logging, structlog
from structlog.contextvars import bind_contextvars
from kernel.logging import configure

configure("info", "cart-1")
bind_contextvars(correlation_id="chain", tenant="demo")
log = structlog.get_logger()
log.debug("not told")
log.info("checkout_started", email="ada@example.com", lines=2, odd="\\ud800")
secret = "tok_hush"
try:
    raise LookupError("no such thing")
except LookupError:
    log.exception("failed")
logging.getLogger("aiokafka.consumer").warning("lost %s", "the coordinator")
logging.getLogger("uvicorn.access").info("GET /v1/carts?email=ada@example.com")
"""


@pytest.fixture(scope="module")
def lines() -> list[dict[str, object]]:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, check=True)
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_our_lines_and_those_of_libraries_look_alike(lines: list[dict[str, object]]) -> None:
    assert [it["event"] for it in lines] == ["checkout_started", "failed", "lost the coordinator"]
    for one in lines:
        assert (one["process"], one["correlation_id"], one["tenant"]) == ("cart-1", "chain", "demo")
        assert {"level", "timestamp"} <= one.keys()


def test_personal_data_is_hidden_and_the_rest_is_told(lines: list[dict[str, object]]) -> None:
    assert lines[0]["email"] == HIDDEN
    assert lines[0]["lines"] == 2


def test_a_failure_is_told_with_its_trace_but_without_the_values_of_variables(
    lines: list[dict[str, object]],
) -> None:
    assert "LookupError: no such thing" in str(lines[1]["exception"])
    assert "tok_hush" not in str(lines[1])


@pytest.mark.parametrize(
    "name",
    [
        "email",
        "customer_email",
        "Authorization",
        "api_key",
        "master-key",
        "token",
        "shipping_address",
        "first_name",
    ],
)
def test_names_that_speak_of_persons_and_secrets_hide_their_values(name: str) -> None:
    event = hide_private(logging.getLogger(), "info", {name: "x", "deep": [{"inner": {name: "x"}}]})

    assert event == {name: HIDDEN, "deep": [{"inner": {name: HIDDEN}}]}


@pytest.mark.parametrize("name", ["customer_id", "cart_id", "route", "status", "topic", "ms", "event"])
def test_names_that_operators_need_are_told(name: str) -> None:
    assert hide_private(logging.getLogger(), "info", {name: "x"}) == {name: "x"}
