"""Operators: they see all that needs one, and act on it some time later.

What needs one is what the product lists for operators: the unique keys of its lists, and the checkouts that
have called one. What they do is what the product offers them: they have it tried again first; if that does
not help they look into the gateway's books and record what they have found there, or give up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING
from uuid import UUID

from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.domain.index_keys import OPEN_REVIEW
from checkout_saga.fulfillment.domain.fulfillment import Fulfillment
from checkout_saga.fulfillment.use_cases.handing_over import LINE_NEEDING_ATTENTION
from checkout_saga.notifications.use_cases.listing import NOTIFICATION_NEEDING_ATTENTION
from checkout_saga.operations import possible_actions
from checkout_saga.operations.possible_actions import COMPENSATE, REFUND, RETRY, Wanted, allowed_actions
from checkout_saga.operations.triage import pending_calls
from checkout_saga.orders.domain.order import Order
from checkout_saga.orders.domain.refund import RefundPart, RefundSelection
from checkout_saga.orders.use_cases.fulfilling import fulfill_line
from checkout_saga.orders.use_cases.index_keys import REFUND_NEEDING_ATTENTION
from checkout_saga.orders.use_cases.operating import resolve_refund, retry_refund
from checkout_saga.orders.use_cases.refund_requests import request_of
from checkout_saga.orders.use_cases.refunds import cancel_lines, refund_order
from checkout_saga.payments.domain.operation import Done, Operation, PaymentRequest
from checkout_saga.reconciliation.domain.difference import Difference
from checkout_saga.reconciliation.domain.index_keys import DIFFERENCE, FAILED, OPEN
from checkout_saga.reconciliation.use_cases.differences import resolve_difference
from contracts.order import RefundedUnits
from kernel import ids
from kernel.store.pg_unit_of_work import PgUnitOfWork
from tests.proofs.simulation.database import Name
from tests.proofs.simulation.ledger import Ledger
from tests.proofs.simulation.reconciling import ask_for_run
from tests.proofs.simulation.scheduler import HOUR, MINUTE, SECOND, finished
from tests.proofs.simulation.services import CHECKOUT

if TYPE_CHECKING:
    from tests.proofs.simulation.world import World

Act = Callable[[PgUnitOfWork], Awaitable[UUID]]
NEEDED = Checkout.FACTS.operator_needed.TYPE
CHECKOUTS = "checkout"
"""The kind of checkouts that have called an operator; the value is the checkout."""
SEEN_TO = frozenset({CHECKOUTS, REFUND_NEEDING_ATTENTION, LINE_NEEDING_ATTENTION, DIFFERENCE, FAILED})
LISTS = SEEN_TO | {NOTIFICATION_NEEDING_ATTENTION, OPEN_REVIEW}
"""Those that are not seen to here come to their end in another way: reviews have people and times of their
own, and without a mail server there are no messages."""
SOON = MINUTE, 2 * MINUTE
FIRST_WAITS = SOON, (HOUR, 2 * HOUR)
"""Until an operator looks at an order for the first time. A checkout is looked at soon."""
LOOKS_OF_CHECKOUT = 10 * MINUTE
"""In this time an operator has looked at a checkout often enough for it to end, if all parts work."""
GIVEN_UP_AT = 3
"""The number of the look from which on an operator gives a checkout up."""
MOST_DOUBLED, MOST_DOUBLED_OF_CHECKOUT = 6, 1
"""How often the wait between two looks is doubled at most."""
AGAIN, IN_BOOKS, GIVEN_UP = "it takes too long", "as the books say", "it does not come to an end"


class Operators:
    def __init__(self, world: World) -> None:
        self._world = world
        self.open: dict[Name, UUID] = {}
        """What needs an operator now, and the stream that says so."""
        self._looks: Counter[UUID] = Counter()

    def called(self, changed: Mapping[Name, UUID | None]) -> None:
        """The unique keys that a commit has changed."""
        for name, holder in changed.items():
            if name[1] not in LISTS or (name[1] == DIFFERENCE and not name[2].startswith(OPEN)):
                continue
            if holder is None:
                self.open.pop(name, None)
            elif name not in self.open:
                self.open[name] = holder
                if name[1] in SEEN_TO:
                    self._world.actors.begin(self._see_to(name, holder))

    def called_by(self, tenant: str, checkout_id: UUID) -> None:
        self.called({(tenant, CHECKOUTS, str(checkout_id)): checkout_id})

    def look_for_the_left(self) -> None:
        """Check that nothing needs an operator any more at the end of a run."""
        for name, holder in sorted(self.open.items()):
            if self._needs_one(name, holder):
                self._world.broken("left", f"it needs an operator at the end: {name[1]} {name[2]}")

    async def _see_to(self, name: Name, holder: UUID) -> None:
        """Look at it again and again, until it needs none any more."""
        tenant, kind, value = name
        actors, random = self._world.actors, self._world.random
        subject = UUID(value) if kind == REFUND_NEEDING_ATTENTION else holder
        first = SOON if kind == CHECKOUTS else random.of("who is on duty").choice(FIRST_WAITS)
        most = MOST_DOUBLED_OF_CHECKOUT if kind == CHECKOUTS else MOST_DOUBLED
        while True:
            doubled = min(self._looks[subject], most)
            wait = random.between("operators", *(SOON if doubled else first)) << doubled
            await actors.pause(wait / SECOND)
            if not self._needs_one(name, holder):
                break
            self._looks[subject] += 1
            number, who = self._looks[subject], f"operator of {subject}"
            act = self._decision(name, holder, number)
            await actors.ask(f"{who}, look {number}", CHECKOUT, tenant, "operator", act)
        if kind == CHECKOUTS:
            del self.open[name]

    def _needs_one(self, name: Name, holder: UUID) -> bool:
        if name[1] != CHECKOUTS:
            return name in self.open
        checkout = self._checkout(holder, name[0])
        return bool(checkout.stuck) and not checkout.ended

    def _checkout(self, checkout_id: UUID, tenant: str) -> Checkout:
        work = self._world.reading(CHECKOUT, tenant)
        return finished(work.open(Checkout, checkout_id))

    def _correct(self, difference_id: UUID, tenant: str) -> None:
        """Do at the gateway's own page what it has refused to do when it was asked."""
        world = self._world
        difference = finished(world.reading(CHECKOUT, tenant).open(Difference, difference_id))
        entry = world.ledger.release(tenant, str(difference.payment_id))
        if entry is not None:
            world.done_at_gateway(entry)

    def _decision(self, name: Name, holder: UUID, number: int) -> Act:
        """``number``: of the look."""
        tenant, kind, value = name
        if kind == CHECKOUTS:
            return _of_checkout(holder, self._wanted(self._checkout(holder, tenant), tenant, number))
        if kind == FAILED:
            return ask_for_run
        if kind == DIFFERENCE:
            self._correct(holder, tenant)
            return _of_difference(holder)
        if kind == REFUND_NEEDING_ATTENTION:
            return self._of_refund(holder, UUID(value), is_first=number == 1)
        return _of_line(holder, is_first=number == 1)

    def _wanted(self, checkout: Checkout, tenant: str, number: int) -> Wanted:
        allowed = allowed_actions(checkout)
        stuck = [request for step, request in pending_calls(checkout, tenant) if step in checkout.stuck]
        if number > 1 and stuck and (found := self._in_books(stuck[0])) in allowed:
            return Wanted(found, IN_BOOKS)
        ways = [it for it in (COMPENSATE, REFUND) if number >= GIVEN_UP_AT and it in allowed]
        return Wanted(ways[0], GIVEN_UP) if ways else Wanted(RETRY, AGAIN)

    def _in_books(self, request: PaymentRequest) -> str:
        """What an operator finds there, and corrects there if need be; empty: nothing that is certain."""
        world, place = self._world, (request.merchant, str(request.payment_id))
        payment = world.ledger.payments.get(place)
        match request.operation:
            case Operation.VOID:
                if payment is None or payment.status not in {"authorized", "requires_action", "captured"}:
                    return "resolve_done"
                entry = world.ledger.release(*place)
                if entry is not None:
                    world.done_at_gateway(entry)
                    return "resolve_done"
            case Operation.CAPTURE:
                is_captured = payment is not None and payment.status == "captured"
                return "resolve_done" if is_captured else "resolve_not_done"
            case Operation.REFUND if payment is not None and 0 < payment.captured == payment.refunded:
                return "resolve_done"
        return ""

    def _of_refund(self, order_id: UUID, refund_id: UUID, *, is_first: bool) -> Act:
        async def act(work: PgUnitOfWork) -> UUID:
            order = await work.open(Order, order_id)
            refund = order.refunds[refund_id]
            if is_first and not (refund.is_manual or refund.paid_twice):
                await retry_refund(order_id, refund_id, AGAIN, work)
            else:
                await resolve_by_books(self._world.ledger, order, refund_id, work)
            return order_id

        return act


async def resolve_by_books(ledger: Ledger, order: Order, refund_id: UUID, work: PgUnitOfWork) -> None:
    """Resolve a refund as the gateway's books say. What is paid by hand, and stands in none, is paid."""
    refund = order.refunds[refund_id]
    request = None if refund.is_manual else request_of(order, refund_id, work.context.tenant)
    entry = ledger.entries.get((request.merchant, request.key)) if request else None
    known = Done(entry.reference, entry.amount) if entry and entry.status == "refunded" else None
    outcome = "done" if known or refund.is_manual else "not_done"
    await resolve_refund(order.id, refund_id, outcome, IN_BOOKS, None, known, work)


def _of_checkout(checkout_id: UUID, wanted: Wanted) -> Act:
    async def act(work: PgUnitOfWork) -> UUID:
        await possible_actions.act(checkout_id, wanted, work)
        return checkout_id

    return act


def _of_difference(difference_id: UUID) -> Act:
    async def act(work: PgUnitOfWork) -> UUID:
        return (await resolve_difference(difference_id, "accepted", IN_BOOKS, None, work)).id

    return act


def _of_line(line_id: UUID, *, is_first: bool) -> Act:
    """Have it handed over anew; then give the money back, or, if there was none, call the line off."""

    async def act(work: PgUnitOfWork) -> UUID:
        line = await work.open(Fulfillment, line_id)
        order = await work.open(Order, line.order_id)
        if is_first:
            await fulfill_line(order.id, line.line_id, AGAIN, work)
        elif order.payment_id and order.remainder.balance_of(line.line_id).amount:
            selection = RefundSelection(parts=(RefundPart(line.line_id),))
            await refund_order(order.id, ids.new_id(), selection, GIVEN_UP, work)
        else:
            units = [RefundedUnits(line_id=line.line_id, quantity=order.open_units(line.line_id))]
            await cancel_lines(order.id, ids.new_id(), units, GIVEN_UP, work)
        return line_id

    return act
