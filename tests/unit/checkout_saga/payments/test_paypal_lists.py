"""What of PayPal's transactions and disputes becomes an entry."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID

import orjson
import pytest

from checkout_saga.payments.domain.entries import Entry, EntryKind, EntryState, Window
from checkout_saga.payments.providers.paypal.access import Account
from checkout_saga.payments.providers.paypal.client import Answer, Client, Refused, Reply
from checkout_saga.payments.providers.paypal.lists import DISPUTES, Lists
from checkout_saga.payments.providers.paypal.objects import AUTHORIZATIONS, CAPTURES
from checkout_saga.payments.providers.paypal.search import PATH

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
MONEY = {"currency_code": "USD", "value": "20.00"}
PAYMENT = str(UUID(int=0xA1))


class Objects:
    """What an account shows, by path; nothing else is there."""

    def __init__(self, shown: Mapping[str, Any]) -> None:
        nothing: dict[str, Any] = {PATH: {}, DISPUTES: {}}
        self._shown = {**nothing, **shown}

    async def get(self, _account: Account, path: str, _params: Mapping[str, str] | None = None) -> Reply:
        if path not in self._shown:
            return Refused(404, "RESOURCE_NOT_FOUND")
        return Answer(orjson.dumps(self._shown[path]))


async def listed(shown: Mapping[str, Any], *disputes: str) -> list[Entry]:
    lists = Lists(cast("Client", Objects(shown)), Account("https://paypal.example", "id", "secret", 1.0))
    hour = timedelta(hours=1)
    return await lists.entries(Window("paypal", "demo", AT - hour, AT + hour, frozenset(disputes)))


def transaction(code: str, value: str = "20.00") -> dict[str, Any]:
    info = {
        "transaction_id": "T-1",
        "transaction_event_code": code,
        "transaction_amount": {**MONEY, "value": value},
        "transaction_status": "S",
        "transaction_initiation_date": AT,
    }
    return {PATH: {"transaction_details": [{"transaction_info": info}]}}


def dispute(outcome: str | None = None) -> dict[str, Any]:
    one = {
        "dispute_id": "PP-D-1",
        "create_time": AT,
        "dispute_amount": MONEY,
        "disputed_transactions": [{"seller_transaction_id": "C-1"}],
        "dispute_outcome": {"outcome_code": outcome} if outcome else None,
    }
    return {DISPUTES: {"items": [one]}, f"{DISPUTES}/PP-D-1": one}


CAPTURED = {f"{CAPTURES}/C-1": {"id": "C-1", "status": "COMPLETED", "amount": MONEY, "invoice_id": PAYMENT}}


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (None, EntryState.OPEN),
        ("RESOLVED_SELLER_FAVOUR", EntryState.WON),
        ("RESOLVED_WITH_PAYOUT", EntryState.WON),
        ("CANCELED_BY_BUYER", EntryState.WON),
        ("DENIED", EntryState.WON),
        ("RESOLVED_BUYER_FAVOUR", EntryState.LOST),
        ("ACCEPTED", EntryState.LOST),
    ],
)
async def test_a_dispute_is_won_or_lost_by_its_outcome(outcome: str | None, state: EntryState) -> None:
    (found,) = await listed(dispute(outcome) | CAPTURED)
    assert (found.kind, found.state, found.payment_id) == (EntryKind.DISPUTE, state, UUID(PAYMENT))


async def test_a_dispute_about_what_another_system_has_sold_is_left_out() -> None:
    assert await listed(dispute()) == []


async def test_money_that_another_system_holds_is_left_out() -> None:
    held = transaction("T1300")
    assert await listed(held) == []
    ours = {f"{AUTHORIZATIONS}/T-1": {"id": "T-1", "status": "CREATED", "amount": MONEY}}
    assert [it.kind for it in await listed(held | ours)] == [EntryKind.AUTHORIZATION]


@pytest.mark.parametrize(("value", "count"), [("20.00", 1), ("-20.00", 0)], ids=["received", "sent"])
async def test_only_money_that_was_received_is_a_capture(value: str, count: int) -> None:
    assert len(await listed(transaction("T0006", value))) == count


async def test_a_dispute_that_is_known_by_its_id_is_asked_for_by_it() -> None:
    older = dispute("ACCEPTED") | CAPTURED | {DISPUTES: {}}
    (found,) = await listed(older, "PP-D-1")
    assert (found.reference, found.state) == ("PP-D-1", EntryState.LOST)
    assert len(await listed(dispute() | CAPTURED, "PP-D-1")) == 1, "it is told once"
