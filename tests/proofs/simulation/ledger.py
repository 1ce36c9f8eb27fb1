"""The gateway and its ledger: one effect for each key, by the simulated gateway's own rules."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from simulators.gateway.payment import Outcome, Payment, RequestedAmount, act
from simulators.gateway.payment_service import RULES, STATES
from simulators.gateway.tokens import STATEFUL_TOKENS, Behaviour, behaviour_of, redact_foreign

DOWN_FOR = timedelta(seconds=30)
BY_CUSTOMER, BY_HAND = "act:", "hand:"
"""How the keys of entries begin that no call of a service has made."""


class Request(NamedTuple):
    """A request to the gateway under an idempotency key."""

    operation: str
    merchant: str
    payment_id: str
    key: str
    amount: RequestedAmount = RequestedAmount()
    checkout_id: str | None = None
    token: str | None = None
    method: str | None = None


class Entry(NamedTuple):
    number: int
    merchant: str
    payment_id: str
    key: str
    operation: str
    status: str
    code: str | None
    amount: int
    currency: str | None
    reference: str
    method: str | None = None

    def response(self) -> dict[str, Any]:
        """As the gateway's own routes answer."""
        if self.status != "requires_action":
            return self._asdict()
        push = {"action_kind": self.method, "action_data": {"code": self.payment_id}} if self.method else {}
        return {
            **self._asdict(),
            "action_url": f"https://simulated-gateway.example/actions/{self.payment_id}",
            **push,
        }


class Ledger:
    """Independent of the services: what they believe is compared with it."""

    def __init__(self) -> None:
        self.payments: dict[tuple[str, str], Payment] = {}
        self.checkouts: dict[tuple[str, str], str] = {}
        self.entries: dict[tuple[str, str], Entry] = {}
        self.requests: dict[tuple[str, str], Request] = {}
        self.reused: list[str] = []
        """Keys that came with another request than before."""
        self.down_until: datetime | None = None
        self.refuses: set[str] = set()
        """Payments whose next refund is refused."""
        self.silent: dict[str, datetime] = {}
        """By payment: until when requests get no response. Every other payment takes effect all the same."""
        self.done_at: dict[int, datetime] = {}
        """When each entry was made, by its number."""
        self._calls: Counter[tuple[str, str]] = Counter()
        self._first: dict[str, datetime] = {}

    def perform(self, it: Request, now: datetime) -> tuple[Behaviour, Entry | None]:
        """Returns how the gateway behaves, and the entry under the key, if there is one."""
        place = it.merchant, it.key
        if self.requests.setdefault(place, it) != it:
            self.reused.append(f"{it.operation} {it.key}")
            return Behaviour.UNAVAILABLE, None
        payment = self._find_or_create(it)
        is_silent = now < self.silent.get(it.payment_id, now)
        if is_silent and int(it.payment_id[-1], 16) % 2:
            return Behaviour.NOT_ANSWERED, None
        how = (
            Behaviour.DONE_NOT_ANSWERED
            if is_silent
            else self._behaviour(it.operation, (it.merchant, it.payment_id), payment, now)
        )
        if how in {Behaviour.NOT_ANSWERED, Behaviour.UNAVAILABLE}:
            return how, None
        if place not in self.entries:
            done = RULES[it.operation](payment, it.amount)
            if it.operation == "refund" and it.payment_id in self.refuses:
                self.refuses.discard(it.payment_id)
                done = Outcome(payment, "refused", it.amount.amount, it.amount.currency, "REFUND_BLOCKED")
            self.payments[it.merchant, it.payment_id] = done.payment
            number = len(self.entries) + 1
            reference = f"sim_{it.operation}_{number}_{it.key[:8]}"
            entry = Entry(
                number, *place[:1], it.payment_id, it.key, it.operation, done.status, done.code,
                done.amount, done.currency, reference, done.payment.method,
            )  # fmt: skip
            self.entries[place] = entry
        return how, self.entries[place]

    def look_up(self, merchant: str, key: str, now: datetime) -> tuple[Behaviour, Entry | None]:
        request = self.requests.get((merchant, key))
        if request and now < self.silent.get(request.payment_id, now):
            return Behaviour.NOT_ANSWERED, None
        token, age = None, timedelta()
        if request:
            place = merchant, request.payment_id
            token = self.payments[place].token
            age = now - self._first.get(self.checkouts.get(place, ""), now)
        return behaviour_of(token, "look_up", 0, age, DOWN_FOR), self.entries.get((merchant, key))

    def state_of(self, merchant: str, payment_id: str, now: datetime) -> tuple[Behaviour, Entry | None]:
        """A payment's authorization, with the status that it has by now."""
        first = next(
            (
                it
                for it in self.entries.values()
                if (it.payment_id, it.operation) == (payment_id, "authorize")
            ),
            None,
        )
        payment = self.payments.get((merchant, payment_id))
        if first is None or payment is None:
            return Behaviour.ANSWER, None
        if now < self.silent.get(payment_id, now):
            return Behaviour.NOT_ANSWERED, None
        age = now - self._first.get(self.checkouts.get((merchant, payment_id), ""), now)
        status, code = STATES.get(payment.status, (payment.status, first.code))
        return (
            behaviour_of(payment.token, "look_up", 0, age, DOWN_FOR),
            first._replace(status=status, code=code),
        )

    def act(self, merchant: str, payment_id: str, do: str) -> Entry | None:
        """What the customer does at the gateway or at a bank; None: that is not possible now."""
        payment, place = (
            self.payments.get((merchant, payment_id)),
            (merchant, f"{BY_CUSTOMER}{do}:{payment_id}"),
        )
        done = act(payment, do, None) if payment else None
        if done is None:
            return None
        self.payments[merchant, payment_id] = done.payment
        operation, number = "capture" if do == "pay" else "confirm", len(self.entries) + 1
        self.entries[place] = Entry(
            number, merchant, payment_id, place[1], operation, done.status, done.code,
            done.amount, done.currency, f"sim_{do}_{number}",
        )  # fmt: skip
        return self.entries[place]

    def refuses_to_void(self, merchant: str, payment_id: str) -> bool:
        """Whether it has refused to end an authorization that it holds."""
        payment = self.payments.get((merchant, payment_id))
        of_payment = (it for it in self.entries.values() if it.payment_id == payment_id)
        was_refused = any((it.operation, it.status) == ("void", "refused") for it in of_payment)
        return was_refused and payment is not None and payment.status == "authorized"

    def release(self, merchant: str, payment_id: str) -> Entry | None:
        """What an operator does at the gateway's own page: end an authorization whose void was refused. None:
        there is no such one."""
        if not self.refuses_to_void(merchant, payment_id):
            return None
        payment = self.payments[merchant, payment_id]
        self.payments[merchant, payment_id] = replace(payment, status="voided")
        key, number = f"{BY_HAND}{payment_id}", len(self.entries) + 1
        self.entries[merchant, key] = Entry(
            number, merchant, payment_id, key, "void", "voided", None,
            payment.authorized, payment.currency, f"sim_release_{number}",
        )  # fmt: skip
        return self.entries[merchant, key]

    def _find_or_create(self, it: Request) -> Payment:
        place = it.merchant, it.payment_id
        payment = self.payments.get(place, Payment())
        if it.token:
            payment = replace(payment, token=redact_foreign(it.token))
        if it.method:
            payment = replace(payment, method=it.method)
        if it.checkout_id:
            self.checkouts[place] = it.checkout_id
        self.payments[place] = payment
        return payment

    def _behaviour(
        self, operation: str, place: tuple[str, str], payment: Payment, now: datetime
    ) -> Behaviour:
        checkout = self.checkouts.get(place)
        calls, age = 0, timedelta()
        if payment.token in STATEFUL_TOKENS and checkout:
            self._calls[checkout, operation] += 1
            calls = self._calls[checkout, operation]
            age = now - self._first.setdefault(checkout, now)
        return behaviour_of(payment.token, operation, calls, age, DOWN_FOR)


def request_of(path: str, body: dict[str, Any], key: str) -> Request:
    """Read a request as the gateway's own routes do."""
    _, _, noun, *rest = path.split("/")
    money = RequestedAmount(body["amount"], body["currency"]) if "amount" in body else RequestedAmount()
    merchant = body["merchant"]
    if rest:
        return Request("confirm", merchant, str(UUID(rest[0])), key)
    operation = {"authorizations": "authorize", "captures": "capture", "voids": "void", "refunds": "refund"}
    more = (body["checkout_id"], body.get("token"), body.get("method")) if noun == "authorizations" else ()
    return Request(operation[noun], merchant, body["payment_id"], key, money, *more)
