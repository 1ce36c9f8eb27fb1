"""`feira reconcile` asks for a comparison, and shows and resolves the differences."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from typer.testing import CliRunner

from cli.main import new_app
from tests.support.stub_services import Answer, stubs_of_this_machine

DIFFERENCE, PAYMENT = UUID(int=1), UUID(int=2)
FOUND = {
    "difference_id": str(DIFFERENCE),
    "found_at": "2026-03-01T12:00:00Z",
    "gateway": "stripe",
    "code": "MONEY_FOUND",
    "kind": "capture",
    "reference": "pi_4711",
    "theirs": {"amount": 500, "currency": "USD"},
    "ours": None,
    "status": "resolved",
}

DRY_RUN = {
    "facts": [
        {
            "type": "reconciliation.difference_resolved",
            "version": 3,
            "stream_id": str(DIFFERENCE),
            "data": {},
        }
    ],
    "commands": [],
    "calls": [],
    "postings": [],
}


class Asked(NamedTuple):
    path: str
    body: Any


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Asked]]:
    """A stub for every service."""
    requests: list[Asked] = []

    def respond(method: str, _service: str, path: str, body: Any) -> Answer:
        requests.append(Asked(path, body))
        if method == "GET":
            return 200, {"items": [FOUND], "next_cursor": "more"}
        return 200, DRY_RUN if path.endswith("?dry_run=true") else {**FOUND, "reconciliation_id": "a-run"}

    monkeypatch.setenv("COLUMNS", "240")
    with stubs_of_this_machine(respond, tmp_path, monkeypatch):
        yield requests


def run(*arguments: str) -> str:
    given = ["reconcile", *arguments, "--key", "a-key"]
    return CliRunner().invoke(new_app("reconcile"), given, catch_exceptions=False).output


def test_a_run_is_asked_for_over_the_last_hours(asked: list[Asked]) -> None:
    assert "a-run" in run("run", "--gateway", "stripe", "--hours", "3")
    ((path, body),) = asked
    since, until = (datetime.fromisoformat(body[it]) for it in ("from", "to"))
    assert (path, body["gateway"], until - since) == (
        "/v1/reconciliations",
        "stripe",
        timedelta(hours=3),
    )


def test_open_differences_are_listed_with_both_amounts(asked: list[Asked]) -> None:
    shown = run("list")
    assert "MONEY_FOUND" in shown and "500 USD" in shown and "--cursor more" in shown
    assert asked[0].path.startswith("/v1/reconciliations/differences?status=open")


def test_a_difference_is_resolved_with_a_reason(asked: list[Asked]) -> None:
    shown = run(
        "resolve",
        str(DIFFERENCE),
        *("--resolution", "assigned", "--payment", str(PAYMENT), "--reason", "found"),
    )
    assert f"difference {DIFFERENCE}: resolved" in shown
    assert asked == [
        Asked(
            f"/v1/reconciliations/differences/{DIFFERENCE}/resolve",
            {"resolution": "assigned", "reason": "found", "payment_id": str(PAYMENT)},
        )
    ]


def test_a_dry_run_is_shown_and_asks_for_nothing_else(asked: list[Asked]) -> None:
    shown = run("resolve", str(DIFFERENCE), "--resolution", "returned", "--reason", "found", "--dry-run")
    assert "Nothing is done" in shown and "records reconciliation.difference_resolved" in shown
    assert asked == [
        Asked(
            f"/v1/reconciliations/differences/{DIFFERENCE}/resolve?dry_run=true",
            {"resolution": "returned", "reason": "found"},
        )
    ]


def test_the_whole_answer_is_shown_as_json(asked: list[Asked]) -> None:
    assert json.loads(run("list", "--json"))["items"] == [FOUND]
    assert len(asked) == 1
