"""The payment providers, with each answer about another payment noted for an operator."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from checkout_saga.payments.accounts.domain import account_id
from checkout_saga.payments.domain.answers import PROVIDER_MISMATCH
from checkout_saga.payments.domain.entries import Entry, Window
from checkout_saga.payments.domain.operation import Instrument, Outcome, PaymentRequest, Unknown
from checkout_saga.payments.ports import PaymentProviders
from checkout_saga.reconciliation.use_cases.mismatches import note_mismatch
from kernel.context import Context
from kernel.ids import new_id
from kernel.store.event_store import EventStore

ACTOR = "payment-calls"


class NotedMismatches:
    """Implements ``PaymentProviders``. The note is committed before the caller gets the outcome; after a
    crash in between the call is repeated, which notes nothing twice."""

    def __init__(self, providers: PaymentProviders, store: EventStore) -> None:
        self._providers = providers
        self._store = store

    async def perform(self, request: PaymentRequest, *, again: bool) -> Outcome:
        outcome = await self._providers.perform(request, again=again)
        await self._note(request, outcome)
        return outcome

    async def look_up(self, request: PaymentRequest) -> Outcome | None:
        outcome = await self._providers.look_up(request)
        await self._note(request, outcome)
        return outcome

    async def reverse(self, void: PaymentRequest, *, again: bool) -> Outcome:
        outcome = await self._providers.reverse(void, again=again)
        await self._note(void, outcome)
        return outcome

    async def describe(self, request: PaymentRequest) -> Instrument | None:
        return await self._providers.describe(request)

    async def entries(self, window: Window) -> Sequence[Entry]:
        return await self._providers.entries(window)

    async def _note(self, request: PaymentRequest, outcome: Outcome | None) -> None:
        if not (isinstance(outcome, Unknown) and outcome.alarm == PROVIDER_MISMATCH):
            return
        context = Context(request.merchant, str(request.checkout_id), str(new_id()), ACTOR)
        account = request.account_id or account_id(request.merchant, request.gateway)
        await self._store.run(context, partial(note_mismatch, request, account, outcome.detail))
