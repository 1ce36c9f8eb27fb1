"""Rules for parked records of all services as one list."""

from typing import Any

import pytest
from rich.console import Console

from cli import dead_letters
from cli.console import SafeConsole
from cli.errors import StackError
from contracts.topology import SERVICE_NAMES
from devstack.status_view import print_status

Json = dict[str, Any]
Pages = dict[str, list[int] | None]


def listing(monkeypatch: pytest.MonkeyPatch, pages: Pages) -> None:
    """Services that have these records; None: it is down."""

    def get(
        service: str, path: str, key: str, *, state: str, limit: int, cursor: str | None
    ) -> dict[str, Any]:
        numbers = pages[service]
        if numbers is None:
            raise StackError(f"{service} does not answer.")
        behind = [it for it in numbers if it > int(cursor or 0)]
        shown = behind[:limit]
        following = str(shown[-1]) if len(behind) > limit else None
        return {"items": [{"parked_id": it} for it in shown], "next_cursor": following}

    monkeypatch.setattr(dead_letters, "get", get)


def pages_of(limit: int) -> list[list[str]]:
    found: list[list[str]] = []
    cursor: str | None = None
    while True:
        items, cursor, _ = dead_letters.list_parked(SERVICE_NAMES, "key", "open", limit, cursor)
        found.append([it["id"] for it in items])
        if cursor is None:
            return found


def test_all_services_are_one_list_in_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    listing(monkeypatch, {"cart": [1, 2, 3], "offer": [], "checkout-saga": [7], "projections": [4, 5]})
    wanted = ["cart/1", "cart/2", "cart/3", "checkout-saga/7", "projections/4", "projections/5"]
    for limit in range(1, 8):
        pages = pages_of(limit)
        assert [it for page in pages for it in page] == wanted
        assert max(map(len, pages)) <= limit


def test_a_service_that_is_down_hides_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    listing(monkeypatch, {"cart": [1], "offer": None, "checkout-saga": [], "projections": [4]})
    items, more, troubles = dead_letters.list_parked(SERVICE_NAMES, "key", "open", 50, None)
    assert [it["id"] for it in items] == ["cart/1", "projections/4"]
    assert (more, troubles) == (None, ["offer does not answer."])


@pytest.mark.parametrize("name", ["12", "cart", "cart/", "cart/x", "cart/-1", "gateway/1", "cart/1/2"])
def test_an_invalid_id_is_an_error(name: str) -> None:
    with pytest.raises(StackError, match="like cart/12"):
        dead_letters.parse_id(name)


def test_a_long_queue_is_retried_in_batches_until_one_fails() -> None:
    portions = iter([(100, 0, 150, 101), (100, 0, 50, 201), (20, 1, 29, 222)])
    asked: list[int] = []

    def tell(parked_id: int) -> dict[str, Any]:
        asked.append(parked_id)
        handled, failed, waiting, following = next(portions)
        return {
            "record": parked_id,
            "handled": handled,
            "failed": failed,
            "waiting": waiting,
            "next": following,
        }

    done = dead_letters.retry_queue(tell, 1)
    assert asked == [1, 101, 201]
    assert done == {"record": 1, "handled": 220, "failed": 1, "waiting": 29, "next": 222}


def test_parts_that_do_not_answer_are_shown_as_unknown() -> None:
    found = {"state": "degraded", "processes": []}
    versions = {"feira": {"cart": "0.1.0"}, "python": "3.11.7", "postgres": None, "kafka": None}
    lag = {"relays": {"cart": None, "offer": 3}, "consumers": None, "read_models": None}
    console = Console(width=120)
    with console.capture() as written:
        missing = {"cart": [], "offer": None, "checkout-saga": ["consumer checkout-saga"]}
        more = {
            "versions": versions,
            "lag": lag,
            "missing": missing,
            "checkouts": None,
            "parked": {"cart": 2},
        }
        print_status(console, found, more)
    lines = dict(line.strip().split("  ", 1) for line in written.get().splitlines() if "  " in line.strip())
    row = {name: value.strip() for name, value in lines.items()}
    assert row["not ready"] == "offer: ?; checkout-saga: consumer checkout-saga"
    assert row["not published yet"] == "cart ?, offer 3"
    assert (row["not consumed yet"], row["open checkouts"], row["parked records"]) == (
        "?",
        "?",
        "cart 2",
    )


def test_foreign_text_is_not_interpreted_as_markup() -> None:
    record = {"id": "cart/1", "reason": "headers", "type": "x[/]y", "key": "[bold", "attempts": 1}
    row = {"parked_at": "2026-03-01T12:00:00Z", "resolution": None, "error": "[/red]"}
    console = SafeConsole(width=200, markup=False)
    with console.capture() as shown:
        console.print(dead_letters.parked_table([record | row]))
    assert all(it in shown.get() for it in ("x[/]y", "[bold", "[/red]"))
