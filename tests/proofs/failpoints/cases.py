"""All cases: each failpoint with each of its actions, once and twice, and the activity that reaches it."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from checkout_saga.checkout.workflow import CHECKOUTS
from checkout_saga.notifications.use_cases.requesting import SEND_NOTIFICATION
from checkout_saga.payments.domain.operation import Operation
from contracts import cart, price, promotion, reservation, stock
from contracts.topics import COMMANDS
from kernel.faults.failpoint import Action, Failpoint
from kernel.faults.registry import all_failpoints

OFTEN = {1: "once", 2: "twice"}
SHORT, BEYOND_SESSION = 1.5, 12.0
"""Seconds; the session of a consumer ends after 10."""
DELAY = 0.3
PURCHASE, MAIL = "purchase", "mail"


@dataclass(frozen=True)
class Way:
    """How a failpoint is reached: by which activity, and which other rule has to fire on the way."""

    by: str = PURCHASE
    along: str = ""


WAYS: Mapping[str, Way] = {
    "append.while_settling": Way(along="append.after_commit=exec_then_timeout@p1"),
    "http.between_saves": Way("price change"),
    "transaction.before_commit": Way("discard"),
    "transaction.after_commit": Way("discard"),
    "relay.after_take_over": Way("cut relay"),
    "relay.after_start_again": Way("other broker for the relay"),
    "consumer.after_place": Way("other broker for a consumer"),
    "consumer.in_bisect": Way(along="consumer.before_commit=raise@p1"),
    "consumer.on_revoke": Way("newcomer"),
    "parked.after_write": Way("poison"),
    "timer.after_claim": Way("deadline"),
    "timer.before_commit": Way("deadline"),
    "timer.after_commit": Way("deadline"),
    "timer.after_put_off": Way("deadline", along="timer.before_commit=raise@p1"),
    "call.after_claim": Way("tok_flaky"),
    "gateway.after_look_up": Way(along="gateway.after_request=exec_then_timeout@p1"),
    **dict.fromkeys(("mail.before_sending", "mail.before_data", "mail.after_data"), Way(MAIL)),
    "rebuild.before_verdict": Way("verify"),
    **{
        it.name: Way("rebuild")
        for it in all_failpoints().values()
        if it.name.startswith("rebuild.") and "verdict" not in it.name
    },
}
WAYS_OF_KINDS: Mapping[str, Way] = {
    Operation.CONFIRM: Way("tok_action"),
    Operation.VOID: Way("tok_capture_fails"),
    "refund_order": Way("refund"),
    "offer.receive_stock": Way("refund"),
    SEND_NOTIFICATION: Way(MAIL),
    stock.ReservationRefused.TYPE: Way("sold out"),
    **dict.fromkeys(
        ("cart.unlock", "offer.release_stock", "offer.release_promotions"), Way("tok_capture_fails")
    ),
    **dict.fromkeys(
        ("cart.unlocked", "reservation.released", "redemption.released"), Way("tok_capture_fails")
    ),
}
CALLS = (Operation.AUTHORIZE, Operation.CONFIRM, Operation.CAPTURE, Operation.VOID, "refund_order")
"""Not the refund of a checkout, which happens only if a reservation fails after the capture."""
REFUSED_ALIKE = frozenset(
    {
        cart.LockRefused.TYPE,
        promotion.ReservationRefused.TYPE,
        price.Refused.TYPE,
        reservation.ConfirmationRefused.TYPE,
    }
)
"""Refusals that are handled by the function that handles the refusal of stock, which stands for them."""
KINDS: Mapping[str, Sequence[str]] = {
    "command.after_obeyed": sorted(COMMANDS),
    "answer.after_taken": sorted(CHECKOUTS.workflow.outcomes.keys() - REFUSED_ALIKE),
    "call.after_intent": (*CALLS, SEND_NOTIFICATION),
    "call.after_call_before_result": CALLS,
}
"""Each step of a checkout, forward and compensating, is killed at."""


@dataclass(frozen=True)
class Case:
    place: str
    action: Action
    times: int
    kind: str = ""

    @property
    def rule(self) -> str:
        kind = f"/{self.kind}" if self.kind else ""
        return f"{self.place}{kind}={self.action}{self._lasting}@{self.often}"

    @property
    def often(self) -> str:
        return OFTEN[self.times]

    @property
    def way(self) -> Way:
        return WAYS_OF_KINDS.get(self.kind) or WAYS.get(self.place) or Way()

    @property
    def seconds(self) -> float:
        if self.action is Action.STOP:
            return BEYOND_SESSION if self.place.startswith("consumer.") else SHORT
        return DELAY

    @property
    def _lasting(self) -> str:
        return f":{self.seconds}" if self.action in {Action.STOP, Action.DELAY} else ""


def every() -> Iterator[Case]:
    for place in all_failpoints().values():
        for times in OFTEN:
            yield from (Case(place.name, action, times) for action in sorted(place.actions))
            yield from (Case(place.name, Action.KILL, times, kind) for kind in KINDS.get(place.name, ()))


def one_each(chance: random.Random) -> Iterator[Case]:
    """One case for each failpoint; every second one kills."""
    places: list[Failpoint] = list(all_failpoints().values())
    chance.shuffle(places)
    for number, place in enumerate(places):
        action = Action.KILL if number % 2 else chance.choice(sorted(place.actions))
        kind = chance.choice(KINDS[place.name]) if place.has_kinds else ""
        yield Case(place.name, action, 1, kind)
