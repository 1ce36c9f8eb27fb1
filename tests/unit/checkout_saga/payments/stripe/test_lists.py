"""What of Stripe's disputes becomes an entry."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast

import pytest

from checkout_saga.payments.domain.entries import EntryState, Window
from checkout_saga.payments.providers.stripe import lists
from checkout_saga.payments.providers.stripe.wire import Wire

AT = datetime(2026, 3, 1, tzinfo=UTC)


class Disputes:
    """An account with one dispute."""

    def __init__(self, status: str) -> None:
        self._status = status

    async def all_of(self, kind: str, *_: Any) -> list[dict[str, Any]]:
        created = int(AT.timestamp())
        one = {"id": "dp_1", "status": self._status, "amount": 500, "currency": "usd", "created": created}
        return [one] if kind == "disputes" else []


async def states(status: str) -> list[EntryState]:
    found = await lists.entries(cast("Wire", Disputes(status)), Window("stripe", "demo", AT, AT))
    return [it.state for it in found]


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("needs_response", EntryState.OPEN),
        ("under_review", EntryState.OPEN),
        ("won", EntryState.WON),
        ("lost", EntryState.LOST),
    ],
)
async def test_a_dispute_is_open_until_it_is_won_or_lost(status: str, state: EntryState) -> None:
    assert await states(status) == [state]


@pytest.mark.parametrize("status", ["warning_needs_response", "warning_under_review", "warning_closed"])
async def test_a_question_of_the_bank_is_no_dispute(status: str) -> None:
    assert await states(status) == []
