"""`feira erase` shows the receipt, and fails if a part of the data can still be read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.errors import StackError
from cli.main import new_app
from tests.support.stub_services import Answer, stubs_of_this_machine

ERASED_AT = "2026-03-01T12:00:00Z"


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, object]]]:
    """A stub for every service: of customers whose id begins with ``left`` a fact can still be read."""
    requests: list[tuple[str, object]] = []

    def respond(_method: str, _service: str, path: str, body: Any) -> Answer:
        requests.append((path, body))
        readable = int(path.startswith("/v1/customers/left"))
        return 200, {"streams": 5, "facts": 6, "readable": readable, "erased_at": ERASED_AT}

    with stubs_of_this_machine(respond, tmp_path, monkeypatch):
        yield requests


def run(customer_id: str, *more: str) -> str:
    arguments = ["erase", customer_id, "--reason", "requested", "--key", "a-key", *more]
    return CliRunner().invoke(new_app("erase"), arguments, catch_exceptions=False).output


def test_the_receipt_is_shown_and_the_id_is_one_part_of_the_path(asked: list[tuple[str, object]]) -> None:
    shown = run("shop/7")
    assert "6 facts in 5 streams" in shown
    assert "0 of them can be read" in shown
    assert json.loads(run("shop/7", "--json"))["facts"] == 6
    assert asked == [("/v1/customers/shop%2F7/erase", {"reason": "requested"})] * 2


@pytest.mark.usefixtures("asked")
def test_data_that_can_still_be_read_is_an_error() -> None:
    with pytest.raises(StackError, match="can still be read"):
        run("left-over")
