"""`feira reconcile` asks for a comparison, and shows and resolves the differences."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from typer.testing import CliRunner

from cli.addresses import ADDRESSES
from cli.main import new_app
from contracts.topology import SERVICE_NAMES

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

    class Stub(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            requests.append(
                Asked(self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            )
            dry_run = self.path.endswith("?dry_run=true")
            self._answer(DRY_RUN if dry_run else {**FOUND, "reconciliation_id": "a-run"})

        def do_GET(self) -> None:
            requests.append(Asked(self.path, None))
            self._answer({"items": [FOUND], "next_cursor": "more"})

        def _answer(self, body: dict[str, Any]) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_request(self, *_of: object) -> None:
            """Keep the output of the tests clean."""

    with HTTPServer(("127.0.0.1", 0), Stub) as server:
        file = tmp_path / "addresses.json"
        url = f"http://127.0.0.1:{server.server_port}"
        file.write_text(json.dumps({"urls": dict.fromkeys(SERVICE_NAMES, url)}))
        monkeypatch.setenv(ADDRESSES, str(file))
        monkeypatch.setenv("COLUMNS", "240")
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield requests
        server.shutdown()
        thread.join()


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
