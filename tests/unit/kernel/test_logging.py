"""Every line is JSON with its chain of events, and none speaks of a person or a secret."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import generate_latest

from contracts.data_protection import PrivateFields
from contracts.private_fields import PRIVATE_FIELDS
from kernel.observability.logging import TRUSTED_FIELDS, PrivateDataFilter
from kernel.observability.metrics import runtime  # noqa: F401  # declares the metrics
from kernel.security.redaction import HIDDEN

hide_private = PrivateDataFilter(PRIVATE_FIELDS)
PROGRAM = """
import logging, structlog
from structlog.contextvars import bind_contextvars
from contracts.private_fields import PRIVATE_FIELDS
from kernel.observability.logging import configure, log_fast

configure("info", {"service": "cart", "version": "0.1.0", "process": "cart-1"}, PRIVATE_FIELDS)
bind_contextvars(correlation_id="chain", tenant="demo")
log = structlog.get_logger()
log.debug("not logged")
log_fast("request", method="GET", status=200, ms=1.5)
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
    assert [it["event"] for it in lines] == ["request", "checkout_started", "failed", "lost the coordinator"]
    for one in lines:
        assert (one["service"], one["version"], one["process"]) == ("cart", "0.1.0", "cart-1")
        assert (one["correlation_id"], one["tenant"]) == ("chain", "demo")
        assert {"level", "timestamp"} <= one.keys()


def test_personal_data_is_hidden_and_the_rest_is_told(lines: list[dict[str, object]]) -> None:
    assert lines[1]["email"] == HIDDEN
    assert lines[1]["lines"] == 2


def test_a_failure_is_told_with_its_trace_but_without_the_values_of_variables(
    lines: list[dict[str, object]],
) -> None:
    assert "LookupError: no such thing" in str(lines[2]["exception"])
    assert "tok_hush" not in str(lines[2])


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
        "customer",
        "card_holder",
    ],
)
def test_names_that_speak_of_persons_and_secrets_hide_their_values(name: str) -> None:
    event = hide_private(logging.getLogger(), "info", {name: "x", "deep": [{"inner": {name: "x"}}]})

    assert event == {name: HIDDEN, "deep": [{"inner": {name: HIDDEN}}]}


@pytest.mark.parametrize(
    "name", ["customer_id", "cart_id", "key_id", "route", "status", "topic", "ms", "event"]
)
def test_names_that_operators_need_are_told(name: str) -> None:
    assert hide_private(logging.getLogger(), "info", {name: "x"}) == {name: "x"}


def test_without_private_fields_of_a_business_the_general_ones_are_hidden() -> None:
    hide_general = PrivateDataFilter(PrivateFields())

    event = hide_general(logging.getLogger(), "info", {"email": "x", "customer": "y", "text": "tok_hush"})

    assert event == {"email": HIDDEN, "customer": "y", "text": "tok_hush"}


CARD = "4111 1111 1111 1111"
SECRETS = (
    "ada.lovelace@example.com",
    "ada.lovelace%40example.com",
    "feira_demo_Zk3vq8-RtYw_0aBcDeFgHiJkLmNoPq",
    "tok_4eC39HqLyjWDarjtT1zdp7dc",
    CARD,
    CARD.replace(" ", "-"),
    CARD.replace(" ", ""),
)
AROUND = (
    "{}",
    "no such customer: {}",
    "Traceback (most recent call last):\n  File 'x.py', line 3\nValueError: {} is odd\n",
    "GET http://127.0.0.1:8001/v1/orders?customer_id={}&limit=3 failed",
    "GET /v1/orders?q={} HTTP/1.1",
    "DETAIL:  Key (tenant, kind, value)=(demo, session, {}) already exists.",
    "<{}>",
    '{{"inner": "{}"}}',
    "Authorization: Bearer {}",
)
NAMES = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=12)


def deep(leaf: object) -> st.SearchStrategy[object]:
    """The same, somewhere in lists and mappings under names that say nothing."""
    return st.recursive(
        st.just(leaf),
        lambda it: st.tuples(it) | st.dictionaries(NAMES, it, min_size=1, max_size=2),
        max_leaves=4,
    )


@given(
    st.data(),
    st.sampled_from(SECRETS),
    st.sampled_from(AROUND),
    NAMES.filter(lambda it: it not in TRUSTED_FIELDS),
)
def test_a_secret_is_written_under_no_name_and_in_no_text(
    data: st.DataObject, secret: str, around: str, name: str
) -> None:
    text = around.format(secret)
    leaf = data.draw(st.sampled_from([text, ValueError(text), (text,), {text}]))
    event = hide_private(logging.getLogger(), "info", {name: data.draw(deep(leaf)), "event": text})

    assert secret not in json.dumps(event, default=repr)


@given(st.from_regex(r"[A-Za-z0-9+_.~-]{8,40}", fullmatch=True))
def test_a_password_in_an_address_is_not_written(password: str) -> None:
    event = {"error": f"cannot connect to postgresql://feira_cart:{password}@127.0.0.1:15432/feira_cart now"}

    shown = hide_private(logging.getLogger(), "info", event)["error"]

    assert f":{password}@" not in shown
    assert shown.endswith("127.0.0.1:15432/feira_cart now")


@pytest.mark.parametrize(
    "text",
    [
        "lost the coordinator of group cart.catalogue",
        "stream 01a20090-bcef-7128-8a89-42c682583f5c has moved on",
        "position 1234567890123 of cart.events/3",
        "2026-11-22T00:30:07.536Z",
        "cart_not_active",
        "File 'kernel/store/pg_unit_of_work.py', line 120, in open_many",
    ],
)
def test_what_operators_need_stands_there_as_it_is(text: str) -> None:
    assert hide_private(logging.getLogger(), "info", {"error": text}) == {"error": text}


ON_A_FULL_DISK = """
import logging, os, sys
import structlog
from kernel.observability.nonblocking_writer import NonBlockingWriter
from contracts.private_fields import PRIVATE_FIELDS
from kernel.observability.logging import configure, log_fast

configure("info", {"service": "cart", "version": "0.1.0", "process": "cart-1"}, PRIVATE_FIELDS)
log = structlog.get_logger()
for number in range(300):
    log_fast("request", method="GET", status=200, ms=1.5)
    log.info("something", number=number, text="x" * 100)
    logging.getLogger("aiokafka.consumer").warning("lost %s", "the coordinator")
print(NonBlockingWriter.failures)
os._exit(0)
"""


def test_a_line_that_cannot_be_written_is_counted_and_its_writer_goes_on() -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-c", ON_A_FULL_DISK], check=False, stdout=subprocess.PIPE, stderr=full
        )

    assert done.returncode == 0
    assert int(done.stdout) >= 900


def test_what_failed_to_be_written_is_among_the_figures() -> None:
    shown = generate_latest().decode()
    assert "feira_log_writes_failed 0.0" in shown
