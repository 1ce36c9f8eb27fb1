"""What operators see before they act, and how many checkouts are retried for one reason."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.main import new_app
from tests.support.stub_services import Answer, stubs_of_this_machine

UNKNOWN, OTHER = "PAYMENT_OUTCOME_UNKNOWN", "CAPTURE_FAILED"
FIRST, SECOND, REFUSED, ELSE = (f"019a2b3c-0003-7000-8000-00000000000{it}" for it in range(4))
AT = "2026-03-01T12:00:00Z"


def entry(checkout_id: str, code: str) -> dict[str, Any]:
    return {
        "kind": "checkout",
        "id": checkout_id,
        "order_id": None,
        "line_id": None,
        "since": AT,
        "code": code,
        "detail": "",
        "tries": 8,
        "next_try_at": None,
        "actions": ["retry"],
    }


PAGES = {
    "": {"items": [entry(FIRST, UNKNOWN), entry(ELSE, OTHER)], "next_cursor": "more"},
    "more": {"items": [entry(REFUSED, UNKNOWN), entry(SECOND, UNKNOWN)], "next_cursor": None},
}
DRY_RUN = {
    "facts": [{"type": "checkout.operator_retried", "version": 9, "stream_id": FIRST, "data": {}}],
    "commands": [{"type": "cart.lock", "key": FIRST, "data": {}}],
    "calls": [{"kind": "capture", "subject": FIRST, "due_at": AT, "gateway": "simulated"}],
    "postings": [
        {"type": "payment.captured", "account": "clearing", "amount": {"amount": -500, "currency": "USD"}}
    ],
}
TRIAGE = {
    "view": {"checkout_id": FIRST, "status": "needs_operator", "phase": "capture_payment"},
    "since": AT,
    "known": [{"operation": "authorize", "outcome": "done", "reference": "ref-1", "at": AT}],
    "unknown": [
        {
            "operation": "capture",
            "key": f"{FIRST}:capture:1",
            "tries": 8,
            "last_error": "no answer",
            "provider_says": {"outcome": "done", "reference": "ref-2", "detail": None},
        }
    ],
    "waiting_for": [{"kind": "call", "step": "capture_payment", "until": None}],
    "timers": [{"kind": "capture", "subject": FIRST, "due_at": AT, "tries": 8}],
    "parked": [],
    "actions": [
        {"action": "retry", "allowed": True, "why_not": None, "effect": "calls capture at simulated"},
        {"action": "compensate", "allowed": False, "why_not": "Not now.", "effect": None},
    ],
}


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A stub for every service; the paths that it is asked for."""
    requests: list[str] = []

    def respond(method: str, _service: str, path: str, _body: Any) -> Answer:
        requests.append(path)
        if method == "GET":
            page = PAGES["more" if "cursor=more" in path else ""]
            return 200, page if path.startswith("/v1/attention") else TRIAGE
        if REFUSED in path:
            return 409, {"code": "SAGA_NOT_RETRIABLE", "detail": "It has ended."}
        return 200, DRY_RUN if "dry_run=true" in path else {"status": "processing"}

    with stubs_of_this_machine(respond, tmp_path, monkeypatch):
        yield requests


def run(*arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(new_app(arguments[0]), [*arguments, "--key", "a-key"])
    assert done.exit_code == code, done.output
    return done.output


def test_all_checkouts_of_one_reason_are_retried_and_each_is_reported(asked: list[str]) -> None:
    shown = run("saga", "retry", "--code", UNKNOWN, "--reason", "the gateway is back", code=1)
    assert shown.splitlines() == [
        f"1/3 {FIRST}: retried, processing",
        f"2/3 {REFUSED}: refused, SAGA_NOT_RETRIABLE",
        f"3/3 {SECOND}: retried, processing",
    ]
    assert [it for it in asked if it.endswith("/retry")] == [
        f"/v1/sagas/{it}/retry" for it in (FIRST, REFUSED, SECOND)
    ]


@pytest.mark.usefixtures("asked")
def test_the_outcomes_of_a_retry_of_many_are_json_for_programs() -> None:
    found = json.loads(run("saga", "retry", "--code", OTHER, "--reason", "seen to", "--json"))
    assert found == {"items": [{"checkout_id": ELSE, "outcome": "retried", "status": "processing"}]}


@pytest.mark.usefixtures("asked")
def test_nothing_is_retried_for_a_reason_that_none_has() -> None:
    assert "No checkout needs an operator" in run("saga", "retry", "--code", "NONE", "--reason", "seen to")


@pytest.mark.parametrize(
    "more", [[], [FIRST, "--code", UNKNOWN], ["--code", UNKNOWN, "--dry-run"]], ids=range(3)
)
def test_a_retry_names_one_checkout_or_one_reason(more: list[str], asked: list[str]) -> None:
    run("saga", "retry", *more, "--reason", "seen to", code=2)
    assert asked == []


def test_a_dry_run_is_shown_and_asks_for_nothing_else(asked: list[str]) -> None:
    shown = run("saga", "retry", FIRST, "--reason", "seen to", "--dry-run")
    assert asked == [f"/v1/sagas/{FIRST}/retry?dry_run=true"]
    for line in (
        "Nothing is done",
        "records checkout.operator_retried",
        "sends cart.lock",
        "calls capture at simulated",
        "posts clearing -500 USD",
    ):
        assert line in shown


@pytest.mark.usefixtures("asked")
def test_a_dry_run_of_a_refund_is_shown() -> None:
    shown = run("refund", "retry", FIRST, SECOND, "--reason", "seen to", "--dry-run")
    assert "records checkout.operator_retried" in shown


@pytest.mark.usefixtures("asked")
def test_a_triage_says_what_is_known_what_is_not_and_what_may_be_done() -> None:
    shown = run("saga", "triage", FIRST)
    for line in (
        "known: authorize done",
        f"unknown: capture after 8 tries, key {FIRST}:capture:1",
        "last error: no answer",
        "the provider says: done ref-2",
        "waits for: call (capture_payment)",
        "retry: calls capture at simulated",
        "compensate: refused. Not now.",
    ):
        assert line in shown


def test_what_waits_for_an_operator_is_listed_by_kind(asked: list[str]) -> None:
    shown = run("attention", "--kind", "checkout")
    assert FIRST in shown and "use --cursor more" in shown
    assert asked == ["/v1/attention?kind=checkout&limit=50"]
