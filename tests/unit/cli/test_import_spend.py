"""`feira import spend` records what is not recorded so already, and says which lines cannot be."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from typer.testing import CliRunner

from cli.errors import StackError
from cli.main import new_app
from tests.support.stub_services import Answer, stubs_of_this_machine

CSV = "channel,day,currency,amount\nads,2026-03-01,EUR,5000\nmail,2026-03-02,EUR,700\n"


class Recorded:
    """What the stub holds, by channel, day and currency, and how often it was posted to."""

    def __init__(self) -> None:
        self.amounts: dict[tuple[str, str, str], int] = {}
        self.posts = 0

    def page(self, query: dict[str, list[str]]) -> dict[str, Any]:
        """One row a page."""
        (first,), (last,) = query["from"], query["to"]
        rows = sorted(it for it in self.amounts.items() if first <= it[0][1] <= last)
        at = int(query.get("cursor", ["0"])[0])
        items = [
            {
                "channel": channel,
                "day": day,
                "amount": {"amount": amount, "currency": currency},
                "recorded_at": "2026-03-03",
            }
            for (channel, day, currency), amount in rows[at : at + 1]
        ]
        return {"items": items, "next_cursor": str(at + 1) if at + 1 < len(rows) else None}

    def record(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        self.posts += 1
        money = body["amount"]
        if money["currency"] == "EURO":
            return 422, {"code": "INVALID_REQUEST", "detail": "The currency must be three letters."}
        self.amounts[body["channel"], body["day"], money["currency"]] = money["amount"]
        return 201, body


@pytest.fixture
def recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Recorded]:
    held = Recorded()

    def respond(method: str, _service: str, path: str, body: Any) -> Answer:
        if method == "GET":
            return 200, held.page(parse_qs(urlsplit(path).query))
        return held.record(body)

    with stubs_of_this_machine(respond, tmp_path, monkeypatch):
        yield held


def bring(tmp_path: Path, content: str, *options: str, name: str = "spend.csv") -> tuple[int, dict[str, Any]]:
    file = tmp_path / name
    file.write_text(content)
    arguments = ["import", "spend", str(file), "--json", "--key", "key", *options]
    result = CliRunner().invoke(new_app("import"), arguments, catch_exceptions=False)
    return result.exit_code, json.loads(result.stdout)


def test_a_file_is_recorded_once_and_a_corrected_line_replaces_what_was_said(
    tmp_path: Path, recorded: Recorded
) -> None:
    assert bring(tmp_path, CSV) == (0, counted(created=2))
    assert bring(tmp_path, CSV) == (0, counted(unchanged=2))
    assert recorded.posts == 2
    assert bring(tmp_path, CSV.replace("700", "750")) == (0, counted(changed=1, unchanged=1))
    assert recorded.amounts == {("ads", "2026-03-01", "EUR"): 5000, ("mail", "2026-03-02", "EUR"): 750}


def test_a_dry_run_says_what_would_happen_and_records_nothing(tmp_path: Path, recorded: Recorded) -> None:
    assert bring(tmp_path, CSV, "--dry-run") == (0, counted(created=2))
    assert recorded.posts == 0


def test_lines_that_cannot_be_recorded_are_named_and_the_others_are_recorded(
    tmp_path: Path, recorded: Recorded
) -> None:
    lines = [
        {"channel": "ads", "day": "2026-03-01", "currency": "EUR", "amount": 12.5},
        {"channel": "ads", "day": "1 March", "currency": "EUR", "amount": 1250},
        {"channel": "ads", "day": "2026-03-01", "currency": "EURO", "amount": 1250},
        {"channel": "ads", "day": "2026-03-01", "currency": "EUR", "amount": 1250},
    ]
    status, found = bring(tmp_path, "\n".join(map(json.dumps, lines)), name="spend.ndjson")
    assert status == 1
    assert [(it["line"], it["pointer"]) for it in found["failing"]] == [
        (1, "#/amount"),
        (2, "#/day"),
        (3, ""),
    ]
    assert recorded.amounts == {("ads", "2026-03-01", "EUR"): 1250}


def test_recorded_spend_is_listed_by_day(tmp_path: Path, recorded: Recorded) -> None:
    bring(tmp_path, CSV)
    days = ("--from", "2026-03-01", "--to", "2026-03-31")

    def listed(*options: str) -> str:
        arguments = ["spend", "list", *days, "--key", "key", *options]
        return CliRunner().invoke(new_app("spend"), arguments, catch_exceptions=False).stdout

    page = json.loads(listed("--json"))
    assert [it["channel"] for it in page["items"]] == ["ads"] and page["next_cursor"] == "1"
    shown = listed()
    assert "5000 EUR" in shown and "--cursor 1" in shown
    assert "700 EUR" in listed("--cursor", "1")


def test_a_file_with_another_column_is_refused_as_a_whole(tmp_path: Path, recorded: Recorded) -> None:
    with pytest.raises(StackError, match="clicks"):
        bring(tmp_path, "channel,day,currency,amount,clicks\nads,2026-03-01,EUR,5000,7\n")
    assert recorded.posts == 0


def counted(**outcomes: int) -> dict[str, Any]:
    counts = dict.fromkeys(("created", "changed", "unchanged", "failed"), 0) | outcomes
    return {"lines": sum(counts.values()), **counts, "failing": []}
