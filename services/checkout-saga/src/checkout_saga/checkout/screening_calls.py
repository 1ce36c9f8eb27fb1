"""Screens attempts to pay: asks the provider for the instrument, then counts, decides and notes in one
transaction."""

from __future__ import annotations

from collections.abc import Mapping

from checkout_saga.checkout.domain.actions import SCREEN
from checkout_saga.checkout.use_cases.screening import AttemptToScreen, attempt_to_screen, decide_attempt
from checkout_saga.customers.vault import Vault
from checkout_saga.fraud import fraud_events
from checkout_saga.fraud.domain.signals import INSTRUMENT, INSTRUMENTS
from checkout_saga.fraud.fraud_events import Noted
from checkout_saga.payments.ports import PaymentProvider
from kernel.scheduling.call_result import CallResult
from kernel.scheduling.outbound_calls import Caller
from kernel.scheduling.timers import DueTimer
from kernel.store.conflict_retry import retry_on_conflict
from kernel.store.event_store import EventStore

FINGERPRINT = "fraud fingerprint"
"""The kind of its pseudonym: none is that of a token."""


class ScreeningCalls:
    def __init__(self, store: EventStore, provider: PaymentProvider, vault: Vault) -> None:
        self._store = store
        self._provider = provider
        self._vault = vault

    def callers(self) -> Mapping[str, Caller]:
        return {SCREEN: self._screen}

    async def _screen(self, timer: DueTimer) -> CallResult | None:
        """The subject of the timer is the checkout."""
        attempt = await self._store.run(
            timer.context, lambda work: attempt_to_screen(timer.subject, work), timer.lease
        )
        if attempt is None:
            return None
        noted = await self._noted(attempt)
        await retry_on_conflict(lambda: self._decide(timer, noted))
        return CallResult.DONE

    async def _noted(self, attempt: AttemptToScreen) -> Noted:
        """The attempt, by the provider's fingerprint of the instrument if a rule wants it and the provider
        has one: another token of one card is the same instrument."""
        request, values = attempt.request, dict(attempt.screening.values)
        wanted = any(it.dimension == INSTRUMENT or it.signal == INSTRUMENTS for it in attempt.rules)
        if wanted and request.payment_token:
            instrument = await self._provider.describe(request)
            if instrument and instrument.fingerprint:
                values[INSTRUMENT] = self._vault.fingerprint(
                    request.merchant, FINGERPRINT, f"{request.gateway}/{instrument.fingerprint}"
                )
        mismatch = bool(attempt.screening.email_mismatch)
        return Noted(request.merchant, request.payment_id, values, mismatch)

    # failpoint: none needed (store-transaction)
    async def _decide(self, timer: DueTimer, noted: Noted) -> None:
        async with self._store.transaction() as transaction:
            connection = transaction.connection
            now = await fraud_events.lock(connection, noted)
            work = self._store.begin_within(connection, now)
            work.switch_context(timer.context)
            work.changes.leased_timer = timer.lease
            attempt = await attempt_to_screen(timer.subject, work)
            if attempt is not None and attempt.request.payment_id == noted.subject:
                await fraud_events.note_attempt(connection, noted, now)
                await fraud_events.note_refused(connection, noted, attempt.refused)
                counts = await fraud_events.count(connection, noted, attempt.rules, now)
                await decide_attempt(attempt, counts, work)
            await self._store.flush(work, connection)
            transaction.units_of_work.append(work)
