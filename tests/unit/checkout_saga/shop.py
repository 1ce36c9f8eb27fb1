"""Cart, offer and gateway as a checkout sees them; tests decide when each of them answers."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from checkout_saga.payments.domain.operation import ActionNeeded, Declined, Done, Outcome, PaymentRequest
from contracts import cart, offer, price, promotion, redemption, reservation, stock
from contracts.envelope import Command, Reply
from contracts.sale import Sale
from kernel.domain import Refused
from simulators.gateway import payment as rules
from simulators.gateway.payment import Payment, RequestedAmount
from simulators.gateway.payment_service import STATES
from tests.support.in_memory_unit_of_work import InMemoryUnitOfWork, TimerSet, World
from tests.support.scenario import CONTEXT, NOW
from tests.unit.checkout_saga import examples

RULES = {
    "authorize": rules.authorize,
    "confirm": rules.confirm,
    "capture": rules.capture,
    "void": rules.void,
    "refund": rules.refund,
}


@dataclass
class Gateway:
    """The simulator's own rules: one effect per key, whatever is repeated."""

    token: str
    payments: dict[UUID, Payment] = field(default_factory=dict)
    said: dict[str, rules.Outcome] = field(default_factory=dict)

    def perform(self, request: PaymentRequest) -> Outcome:
        if request.key not in self.said:
            if request.operation == "authorize":
                token = request.payment_token if request.attempt > 1 else self.token
                before = self.payments.get(request.payment_id, Payment())
                method = request.method if request.method in rules.PUSH_METHODS else None
                self.payments[request.payment_id] = replace(before, token=token, method=method)
            asked = RequestedAmount(request.amount, request.currency)
            payment = self.payments.get(request.payment_id, Payment())
            self.said[request.key] = RULES[request.operation](payment, asked)
            self.payments[request.payment_id] = self.said[request.key].payment
        said = self.said[request.key]
        return self._outcome(said.status, said.amount, said.code, request.payment_id)

    def look(self, request: PaymentRequest) -> Outcome:
        """What has become of an authorization by now."""
        payment = self.payments[request.payment_id]
        status, code = STATES.get(payment.status, (payment.status, None))
        return self._outcome(status, request.amount, code, request.payment_id)

    def act(self, do: str) -> None:
        """The customer acts on the last payment, if it waits for that."""
        payment_id, payment = list(self.payments.items())[-1]
        if done := rules.act(payment, do, None):
            self.payments[payment_id] = done.payment
            self.said[f"act:{do}:{payment_id}"] = done

    def _outcome(self, status: str, amount: int, code: str | None, payment_id: UUID) -> Outcome:
        if status in {"declined", "refused"}:
            return Declined(code or "", "no")
        payment = self.payments[payment_id]
        if status == "requires_action":
            return ActionNeeded("ref", kind="pix" if payment.is_push else "redirect", url="page")
        return Done("ref", amount, captured=status == "captured" and payment.is_push)

    @property
    def is_settled(self) -> bool:
        """Nothing is held, and nothing may still come."""
        return not any(it.status in {"authorized", "requires_action"} for it in self.payments.values())

    @property
    def captured(self) -> int:
        return sum(it.captured for it in self.payments.values())

    @property
    def refunded(self) -> int:
        return sum(it.refunded for it in self.payments.values())


@dataclass
class Shop:
    """One checkout's world: messages that wait, timers, and what the other services hold."""

    sale: Sale
    gateway: Gateway
    refuses: frozenset[str]
    """The types of the commands that are refused."""
    world: World = field(default_factory=World)
    now: Any = NOW
    sent: list[Command] = field(default_factory=list)
    waiting: dict[UUID, deque[Command]] = field(default_factory=lambda: defaultdict(deque))
    served: list[Command] = field(default_factory=list)
    answers: list[Reply] = field(default_factory=list)
    heard: list[Reply] = field(default_factory=list)
    timers: dict[str, TimerSet] = field(default_factory=dict)
    known: dict[str, str] = field(default_factory=dict)
    """The state of each request: held, refused, undone or done."""
    work: InMemoryUnitOfWork | None = None
    """The last one that was committed."""

    def copy(self) -> Shop:
        """A copy with the same history, for another continuation."""
        past = defaultdict(list, {stream: [*facts] for stream, facts in self.world.past.items()})
        return Shop(
            self.sale,
            replace(self.gateway, payments={**self.gateway.payments}, said={**self.gateway.said}),
            self.refuses,
            World(past, {**self.world.claims}),
            self.now,
            [*self.sent],
            defaultdict(deque, {key: deque(queue) for key, queue in self.waiting.items()}),
            [*self.served],
            [*self.answers],
            [*self.heard],
            {**self.timers},
            {**self.known},
        )

    def do(self, use_case: Callable[..., Awaitable[Any]], *arguments: Any) -> None:
        work = InMemoryUnitOfWork(self.world, CONTEXT, self.now)
        try:
            _finished(use_case(*arguments[:1], work, *arguments[1:]))
        except Refused:
            return
        work.commit()
        self.work = work
        for command, key in work.sent:
            self.sent.append(command)
            self.waiting[key].append(command)
        for (_, kind), timer in work.timers.items():
            self.timers.pop(kind, None)
            if timer is not None:
                self.timers[kind] = timer

    def serve(self, key: UUID) -> None:
        """A service reads its next command of this key."""
        self.served.append(self.waiting[key].popleft())
        self.repeat(-1)

    def repeat(self, at: int) -> None:
        self.answers.append(self.answer(self.served[at]))

    def answer(self, command: Command) -> Reply:  # noqa: PLR0912  # one per kind
        envelope = {"originator_id": examples.CHECKOUT, "originator_version": 1, "timestamp": NOW}
        yes: dict[str, Any] = {**envelope, "checkout_id": command.process_id, "step": command.step}
        no: dict[str, Any] = {**yes, "code": "REFUSED", "detail": "no"}
        match command:
            case cart.Lock():
                return (
                    examples.cart_locked(self.sale) if self._hold(command, "cart") else cart.LockRefused(**no)
                )
            case cart.Unlock():
                self._undo("cart")
                return examples.cart_unlocked()
            case cart.Hold(until=until):
                return cart.Held(**yes, until=until)
            case offer.ExtendReservation(until=until):
                if command.TYPE in self.refuses or self.known.get("stock") != "held":
                    return reservation.ExtensionRefused(**no, until=until)
                return reservation.Extended(**yes, expires_at=until)
            case cart.Convert(order_id=order_id):
                self.known["cart"] = "done"
                return cart.Converted(**yes, order_id=order_id)
            case offer.ReserveStock():
                held = self._hold(command, "stock")
                return examples.stock_reserved() if held else stock.ReservationRefused(**no)
            case offer.ReleaseStock():
                self._undo("stock")
                return examples.stock_released()
            case offer.ConfirmStock():
                confirmed = self._hold(command, "confirmed stock")
                if confirmed:
                    self.known["stock"] = "done"
                return examples.stock_confirmed() if confirmed else reservation.ConfirmationRefused(**no)
            case offer.ReservePromotions():
                held = self._hold(command, "promotions")
                return examples.promotions_reserved() if held else promotion.ReservationRefused(**no)
            case offer.ReleasePromotions():
                self._undo("promotions")
                return examples.promotions_released()
            case offer.RedeemPromotions():
                self.known["promotions"] = "done"
                return redemption.Redeemed(**yes, promotion_ids=())
            case offer.ConfirmPrice():
                confirmed = self._hold(command, "price")
                return examples.price_confirmed(self.sale) if confirmed else price.Refused(**no)
        raise AssertionError(f"no service handles {command.TYPE}")

    def _hold(self, command: Command, thing: str) -> bool:
        """The outcome is decided once; a request that was compensated before it came is refused."""
        if thing not in self.known:
            self.known[thing] = "refused" if command.TYPE in self.refuses else "held"
        return self.known[thing] in {"held", "done"}

    def _undo(self, thing: str) -> None:
        if self.known.get(thing) == "done":
            raise AssertionError(f"the {thing} were given back after they had been sold")
        if self.known.get(thing) != "refused":
            self.known[thing] = "undone"


def _finished(it: Awaitable[Any]) -> None:
    """Run a coroutine that never waits, as a unit of work in memory."""
    for _ in it.__await__():
        raise AssertionError("it waits for something")
