"""From facts about money on Kafka to the balances and entries of the ledger, over HTTP and in SQL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kernel.postgres.service_pool import ServicePool
from tests.integration.projections.conftest import Reader
from tests.integration.projections.rebuild.conftest import Operator
from tests.integration.projections.test_figures_over_http import Caller, Publish
from tests.support.purchases import Happening
from tests.unit.projections.booked_orders import Bought, units

FIRST = datetime(2006, 2, 3, 10, tzinfo=UTC)
DAYS = {"from": "2006-02-03", "to": "2006-02-04"}
IN_SQL = """
    SELECT account, sum(debit)::bigint AS debit, sum(credit)::bigint AS credit FROM analytics.ledger_entries
    WHERE $1::text <> '' AND occurred_at >= $2 AND occurred_at < $2 + interval '2 days'
    GROUP BY account ORDER BY account
"""
"""Without a condition on the tenant: the view has the caller's rows alone."""


def usd(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "USD"}


@pytest.fixture
async def books(publish: Publish, reader: Reader) -> Bought:
    """Bought on the first day, and a unit of it refunded on the second."""
    it = Bought(0xB00C).bought()
    sold = len(it.order.pending_events), len(it.payment.pending_events)
    it.give_back(it.ask(units("L1", 1)))
    later = {*it.order.pending_events[sold[0] :], *it.payment.pending_events[sold[1] :]}
    at = {True: FIRST + timedelta(days=1), False: FIRST}
    await publish(Happening(fact, "demo", at[fact in later]) for fact in it.facts)
    await reader.caught_up()
    return it


async def test_balances_add_up_and_are_those_of_the_days_that_are_asked_for(
    books: Bought, reader: Reader
) -> None:
    found = await reader.items("analytics/ledger", **DAYS)
    assert {it["account"]: it["balance"]["amount"] for it in found} == {
        "clearing": 0,
        "gateway.simulated": 13695 - 1959,
        "holds.simulated": 0,
        "holds_owed": 0,
        "refunds.items": 1799,
        "refunds_payable": 0,
        "sales.items": -12146,
        "sales.shipping": -799,
        "tax_payable": 160 - 750,
    }
    assert found[0] == {
        "account": "clearing",
        "currency": "USD",
        "debit": usd(13695),
        "credit": usd(13695),
        "balance": usd(0),
    }
    assert [it["account"] for it in found] == sorted(it["account"] for it in found)
    second = await reader.items("analytics/ledger", **{"from": "2006-02-04", "to": "2006-02-04"})
    assert {it["account"]: it["balance"]["amount"] for it in second} == {
        "gateway.simulated": -1959,
        "refunds.items": 1799,
        "refunds_payable": 0,
        "tax_payable": 160,
    }


async def test_the_entries_of_an_account_name_their_facts_latest_first(books: Bought, reader: Reader) -> None:
    refunded, captured = await reader.items("analytics/ledger", account="gateway.simulated", **DAYS)
    entry = {"account": "gateway.simulated", "currency": "USD", "checkout_id": str(books.id)}
    entry["stream_id"] = str(books.payment.id)
    assert captured == entry | {
        "debit": usd(13695),
        "credit": usd(0),
        "type": "payment.captured",
        "occurred_at": "2006-02-03T10:00:00Z",
        "version": 2,
    }
    assert refunded == entry | {
        "debit": usd(0),
        "credit": usd(1959),
        "type": "payment.refunded",
        "occurred_at": "2006-02-04T10:00:00Z",
        "version": 3,
    }
    assert await reader.items("analytics/ledger", account="suspense.simulated", **DAYS) == []


async def test_the_pages_of_balances_and_of_entries_add_up_to_the_whole(
    books: Bought, publish: Publish, reader: Reader
) -> None:
    for query in ({}, {"account": "tax_payable"}):
        whole = await reader.items("analytics/ledger", **DAYS, **query)
        found: list[dict[str, Any]] = []
        cursor: dict[str, str] = {}
        while True:
            page = await reader.get("analytics/ledger", **DAYS, **query, limit="1", **cursor)
            found += page["items"]
            if page["next_cursor"] is None:
                break
            cursor = {"cursor": page["next_cursor"]}
        assert found == whole
        assert len(whole) > 1


async def test_a_tenant_sees_only_its_own_books_also_in_sql(
    books: Bought, caller: Caller, pool: ServicePool
) -> None:
    rival = Reader(caller("rival-analyst"))
    assert await rival.items("analytics/ledger", **DAYS) == []
    assert await rival.items("analytics/ledger", account="tax_payable", **DAYS) == []
    day = FIRST.replace(hour=0)
    rows = [tuple(row) for row in await pool.fetch_for_tenant("demo", IN_SQL, day)]
    assert ("tax_payable", 160, 750) in rows
    assert sum(debit - credit for _, debit, credit in rows) == 0
    assert await pool.fetch_for_tenant("rival", IN_SQL, day) == []


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"account": "Clearing!"}, "#/account"),
        ({"account": "x" * 101}, "#/account"),
        ({"account": "clearing", "cursor": "WyJhIiwgImIiXQ"}, "#/cursor"),
    ],
)
async def test_an_account_or_a_cursor_that_cannot_be_is_refused(
    caller: Caller, query: dict[str, str], pointer: str
) -> None:
    refused = await caller("demo-analyst").get("/v1/analytics/ledger", params=query)
    assert refused.status_code == 422, refused.text
    assert refused.json()["errors"][0]["pointer"] == pointer


async def test_a_planted_difference_is_found_and_mended_by_a_rebuild(
    books: Bought, caller: Caller, pool: ServicePool
) -> None:
    operator = Operator(caller("demo-ops"))
    changed = "UPDATE ledger SET amount = amount + 1 WHERE account = 'sales.items' AND stream_id = $1"
    await pool.execute(changed, books.order.id)
    assert (await operator.complete("verify", "ledger"))["differences"] == 1
    assert (await operator.complete("rebuild", "ledger"))["differences"] == 1
    assert (await operator.complete("verify", "ledger"))["differences"] == 0
