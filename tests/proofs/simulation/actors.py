"""Scripted merchants, customers and operators, who repeat each request until they get a response."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Generator, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from types import coroutine
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

import orjson

from cart.carts.shipping_calculator import RatesCalculator
from cart.carts.use_cases.cart_access import PricedCart
from cart.carts.use_cases.discounts import ApplyDiscount, apply_discount
from cart.carts.use_cases.from_offer import StartFromOffer, start_from_offer
from cart.carts.use_cases.offers import AddOffer, TakeUpsell, add_offer, take_upsell
from cart.carts.use_cases.shipping import SetDestination, set_destination
from cart.carts.use_cases.shopping import (
    AddItem,
    CreateCart,
    add_item,
    create_cart,
)
from checkout_saga.checkout.use_cases.buying import (
    PayAgain,
    StartCheckout,
    cancel_checkout,
    confirm_action,
    pay_again,
    start_checkout,
)
from checkout_saga.checkout.use_cases.operating import compensate_saga, resolve_saga, retry_saga
from checkout_saga.checkout.use_cases.upselling import BuyUpsell, buy_upsell, find_purchase
from checkout_saga.customers.domain.mailbox import mailbox_of
from checkout_saga.customers.register import Register
from checkout_saga.orders.domain.order import Order, order_id_of
from checkout_saga.orders.use_cases.operating import retry_refund
from checkout_saga.payments.domain.names import payment_id_of
from checkout_saga.settings import NEWEST
from contracts.sale import Destination, Money
from kernel import ids
from kernel.context import Context
from kernel.domain import Refused
from kernel.errors import DuplicateRequest
from kernel.messaging.transient import is_transient
from kernel.store.changes import StoredResponse
from kernel.store.pg_unit_of_work import PgUnitOfWork
from offer.experiments.use_cases.experiments import ExperimentRef
from offer.referral.use_cases.attributions import Attribute, attribute
from tests.proofs.simulation.aftermath import afterwards, by_shop
from tests.proofs.simulation.merchants import (
    CODE,
    SLUG,
    needs_settings,
    offered,
    with_bump,
    with_campaign,
    with_change,
    with_end_of_test,
    with_experiment,
    with_goods,
    with_offer,
    with_promotion,
    with_referrals,
    with_settings,
    with_tax,
)
from tests.proofs.simulation.operators import resolve_by_books
from tests.proofs.simulation.reconciling import ask_for_run, lose_authorization
from tests.proofs.simulation.reviews import reviewed, screening_of, waits_for_review, with_rules
from tests.proofs.simulation.scheduler import MS, SECOND
from tests.proofs.simulation.services import CART, CHECKOUT, OFFER, POLICY, SESSION_TIME
from tests.proofs.simulation.workload import REFERRER, Change, Purchase

if TYPE_CHECKING:
    from tests.proofs.simulation.world import World

Resume = Callable[..., None]
Act = Callable[[PgUnitOfWork], Awaitable[UUID]]
NEVER = UUID(int=0)
WAITING_BEGAN = "checkout.waiting_began"
HAS_PAID = "has paid"
"""Makes the checkout look at the gateway at once, and changes nothing by itself."""
TAX = 23
SILENT_FOR = timedelta(minutes=4)
"""Long enough for the checkout to need an operator."""


@coroutine
def _until(ask: Callable[[Resume], None]) -> Generator[Callable[[Resume], None], Any, Any]:
    """Suspend a script until the action given to ``ask`` resumes it."""
    return (yield ask)


class Script:
    """The script of one actor."""

    def __init__(self, steps: Coroutine[Any, Any, None]) -> None:
        self._steps = steps

    def resume(self, result: Any = None) -> None:
        try:
            ask = self._steps.send(result)
        except StopIteration:
            return
        ask(self.resume)


class ConfirmedRequest(NamedTuple):
    """A request that was answered, with the correlation id of everything the request led to."""

    service: str
    tenant: str
    correlation_id: str
    what: str
    subject: UUID


class Actors:
    def __init__(self, world: World) -> None:
        self._world = world
        self.followed: dict[UUID, dict[str, Callable[[], None]]] = {}
        """Actions to run once on a fact of a checkout, by checkout and fact type."""
        self.goods: dict[tuple[str, int], UUID] = {}
        self.promotions: dict[str, UUID] = {}
        self.offers: dict[str, UUID] = {}
        self.campaigns: dict[str, UUID] = {}
        self.bumps: dict[str, UUID] = {}
        self.experiments: dict[str, UUID] = {}
        self.programs: dict[str, UUID] = {}
        """Of referrals; each by tenant."""
        self.seen: dict[UUID, int] = {}
        """The total of each cart as its customer last saw it."""
        self.journal: list[ConfirmedRequest] = []
        """All confirmed requests."""

    def furnish(self) -> None:
        for tenant in self._tenants():
            self.begin(self._furnish(tenant))

    def come(self) -> None:
        for number, it in enumerate(self._world.workload.purchases):
            self.begin(self._buy(f"customer {number}", it))
        for number, change in enumerate(self._world.workload.changes):
            self.begin(self._change(f"merchant {number}", change))
        for tenant in self._tenants():
            self.begin(self._compare(tenant))
            if self._world.workload.lost:
                lose_authorization(self._world, tenant)

    def _tenants(self) -> Sequence[str]:
        return sorted({self.tenant(it.tenant) for it in self._world.workload.purchases})

    def tenant(self, number: int) -> str:
        """Unique to this run, so that many runs can be checked together."""
        workload = self._world.workload
        return f"shop-{workload.seed}-{workload.number}-{number}"

    def on_fact(self, checkout_id: UUID, type_: str) -> None:
        """Run the action that waits for this fact of the checkout, if any."""
        if then := self.followed[checkout_id].pop(type_, None):
            then()

    def begin(self, steps: Coroutine[Any, Any, None]) -> None:
        Script(steps).resume()

    async def pause(self, seconds: float) -> None:
        await _until(partial(self._world.scheduler.after, int(seconds * SECOND)))

    async def ask(self, who: str, service: str, tenant: str, what: str, act: Act) -> UUID | None:
        """Send a request under its own idempotency key until it is answered. None: it was refused."""
        name = tenant, what, who

        async def once(work: PgUnitOfWork) -> UUID:
            subject = await act(work)
            work.set_response(StoredResponse(*name, b"", subject, 200, b"", None, work.now))
            return subject

        context = Context(tenant, f"{who}: {what}", f"{who}: {what}", who)
        while True:
            result, error = await _until(partial(self._send, service, context, once))
            stored = self._world.databases[service].responses
            if isinstance(error, DuplicateRequest | Refused) and name in stored:
                # the stored response of the key stands, even if the request would be refused by now
                result, error = stored[name], None
            if error is None:
                self._world.tell(who, f"has it confirmed: {what}")
                self.journal.append(ConfirmedRequest(service, tenant, context.correlation_id, what, result))
                return self.journal[-1].subject
            if isinstance(error, Refused):
                self._world.tell(who, f"is refused: {what}: {error.code}")
                return None
            if not is_transient(error):
                self._world.broken("500", f"{what}: {error!r}")
                return None
            await self.pause(self._world.random.between("patience", 100 * MS, SECOND) / SECOND)

    def _send(self, service: str, context: Context, act: Act, resume: Resume) -> None:
        nodes = self._world.alive(service)
        if not nodes:
            self._world.scheduler.after(SECOND, partial(self._send, service, context, act, resume))
            return
        node = self._world.random.of("who serves").choice(nodes)
        scheduler, wait = self._world.scheduler, self._world.random.between("answers", MS, 4 * MS)
        node.spawn(
            node.store.run(context, act),
            lambda result, error: scheduler.after(wait, lambda: resume((result, error))),
        )

    async def _furnish(self, tenant: str) -> None:
        workload = self._world.workload
        for number, goods in enumerate(workload.goods):
            act = with_goods(number, goods)
            product_id = await self.ask("merchant", OFFER, tenant, f"goods {number}", act)
            self.goods[tenant, number] = product_id or NEVER
        if any(it.place for it in workload.purchases):
            await self.ask("merchant", OFFER, tenant, "taxes", with_tax(TAX))
        if needs_settings(workload):
            await self.ask("merchant", CHECKOUT, tenant, "settings", with_settings(workload))
        if workload.rules:
            await self.ask("merchant", CHECKOUT, tenant, "fraud rules", with_rules(workload.rules))
        promotion = await self.ask("merchant", OFFER, tenant, "promotion", with_promotion(workload))
        self.promotions[tenant] = promotion or NEVER
        if workload.has_offer:
            await self._furnish_offer(tenant)

    async def _furnish_offer(self, tenant: str) -> None:
        workload = self._world.workload
        act = with_offer([self.goods[tenant, it] for it in offered(range(len(workload.goods)))])
        offer = await self.ask("merchant", OFFER, tenant, "offer", act) or NEVER
        act = with_campaign(workload, offer)
        campaign = await self.ask("merchant", OFFER, tenant, "campaign", act)
        program = await self.ask("merchant", OFFER, tenant, "referrals", with_referrals(workload))
        self.offers[tenant] = offer
        self.bumps[tenant] = await self.ask("merchant", OFFER, tenant, "bump", with_bump(offer)) or NEVER
        if workload.is_tested:
            tested = await self.ask("merchant", OFFER, tenant, "experiment", with_experiment(offer))
            self.experiments[tenant] = tested or NEVER
        self.campaigns[tenant], self.programs[tenant] = campaign or NEVER, program or NEVER

    async def _compare(self, tenant: str) -> None:
        before = 0.0
        for number, at in enumerate(self._world.workload.compared):
            await self.pause(at - before)
            before = at
            await self.ask(f"comparison {number}", CHECKOUT, tenant, "comparison", ask_for_run)

    async def _change(self, who: str, it: Change) -> None:
        await self.pause(it.at)
        if it.what == "stop":
            for tenant, experiment_id in sorted(self.experiments.items()):
                act = with_end_of_test(ExperimentRef(self.offers[tenant], experiment_id), it.number)
                await self.ask(who, OFFER, tenant, it.what, act)
            return
        for (tenant, number), product_id in sorted(self.goods.items()):
            if number == it.goods:
                campaign_id = self.campaigns.get(tenant, NEVER)
                act = with_change(it, product_id, self.promotions[tenant], campaign_id)
                await self.ask(who, OFFER, tenant, it.what, act)

    async def _buy(self, who: str, it: Purchase) -> None:
        await self.pause(it.at)
        tenant = self.tenant(it.tenant)
        cart_id = await self._fill(who, tenant, it)
        for attempt, wait in enumerate((0.0, it.again)):
            if wait is None:
                break
            await self.pause(wait)
            checkout_id = await self.ask(
                who, CHECKOUT, tenant, f"checkout {attempt}", self._start(it, cart_id)
            )
            if checkout_id is not None:
                self._world.tell(who, f"checks out as {checkout_id} with {it.token}")
                self._follow(f"{who}, checkout {attempt}", tenant, checkout_id, it)
        if it.meddle is not None:
            await self.pause(it.meddle)
            await self._add(who, tenant, cart_id, it.lines[0][0], 1, "more ")

    async def _fill(self, who: str, tenant: str, it: Purchase) -> UUID:
        if it.registered:
            await self.ask(who, CHECKOUT, tenant, "registered", self._registered(it))
        if it.referred:
            await self.ask(who, OFFER, tenant, "referred", self._referred(tenant, it))
        cart_id = await self._new_cart(who, tenant, it)
        if it.offer == "add":
            offer = AddOffer(cart_id, self.offers.get(tenant, NEVER), 1)
            act = self._seen(cart_id, lambda work: add_offer(offer, work, self._world.catalogue))
            await self.ask(who, CART, tenant, "offer", act)
        for goods, units in it.lines:
            await self._add(who, tenant, cart_id, goods, units)
        catalogue = self._world.catalogue
        if it.bump:
            bump = TakeUpsell(cart_id, self.bumps.get(tenant, NEVER))
            act = self._seen(cart_id, lambda work: take_upsell(bump, work, catalogue))
            await self.ask(who, CART, tenant, "bump", act)
        if it.tells_cart:
            place = SetDestination(cart_id, Destination(country=it.place))
            act = self._seen(cart_id, lambda work: set_destination(place, work, catalogue, RatesCalculator()))
            await self.ask(who, CART, tenant, "place", act)
        if code_of := self._issued(tenant) if it.spends else CODE if it.code else None:
            code = ApplyDiscount(cart_id, code_of)
            act = self._seen(cart_id, lambda work: apply_discount(code, work, catalogue))
            await self.ask(who, CART, tenant, "code", act)
        return cart_id

    async def _new_cart(self, who: str, tenant: str, it: Purchase) -> UUID:
        """Only customers who have been referred, or who were rewarded, are known to the cart."""
        session = f"{tenant}: {who}"
        customer = name_of(it.customer) if it.referred or it.spends else None

        async def create(work: PgUnitOfWork) -> UUID:
            command = CreateCart(session, customer, "USD", "standard", {})
            shown, _ = await create_cart(command, work, self._world.catalogue, POLICY)
            return shown.cart.id

        async def start(work: PgUnitOfWork) -> UUID:
            command = StartFromOffer(SLUG, session, customer)
            found = await start_from_offer(command, work, self._world.catalogue, POLICY)
            return found.priced.cart.id

        cart_id = None
        if it.offer == "start":
            cart_id = await self.ask(who, CART, tenant, "cart from offer", start)
        return cart_id or await self.ask(who, CART, tenant, "cart", create) or NEVER

    def _issued(self, tenant: str) -> str | None:
        """The code of the latest reward of the tenant."""
        rows = (it for it in reversed(self._world.databases[OFFER].log) if it.type == "reward.issued")
        bodies = (orjson.loads(it.body) for it in rows if it.tenant == tenant)
        return next((it["code"] for it in bodies if it["code"]), None)

    def _referred(self, tenant: str, it: Purchase) -> Act:
        command = Attribute(self.programs.get(tenant, NEVER), name_of(it.customer), name_of(REFERRER))

        async def act(work: PgUnitOfWork) -> UUID:
            return (await attribute(command, work, self._world.customers_of_offer())).id

        return act

    def _registered(self, it: Purchase) -> Act:
        mailbox = mailbox_of(address_of(it.customer), test_environment=True)

        async def act(work: PgUnitOfWork) -> UUID:
            register = Register(self._world.vault)
            person = {"name": name_of(it.customer)}
            return (await register.enter(name_of(it.customer), mailbox, person, work)).known.customer.id

        return act

    def _seen(self, cart_id: UUID, use_case: Callable[[PgUnitOfWork], Awaitable[PricedCart]]) -> Act:
        """Run the use case; the customer remembers the total that it shows."""

        async def act(work: PgUnitOfWork) -> UUID:
            self.seen[cart_id] = (await use_case(work)).sale.totals.total
            return cart_id

        return act

    async def _add(self, who: str, tenant: str, cart_id: UUID, goods: int, units: int, how: str = "") -> None:
        command = AddItem(cart_id, self.goods[tenant, goods], units, {})
        act = self._seen(cart_id, lambda work: add_item(command, work, self._world.catalogue))
        await self.ask(who, CART, tenant, f"{units} {how}of {goods}", act)

    def _start(self, it: Purchase, cart_id: UUID) -> Act:
        """Expects the total that the customer has seen."""
        agreed = self.seen.get(cart_id)

        async def start(work: PgUnitOfWork) -> UUID:
            person = {"customer": {"email": address_of(it.customer)}}
            (sealed,) = await self._world.vault.seal(work.context.tenant, name_of(it.customer), person)
            command = StartCheckout(
                checkout_id=ids.new_id(),
                cart_id=cart_id,
                customer_id=name_of(it.customer),
                guest=False,
                personal=sealed,
                gateway="simulated",
                payment_method=it.method,
                payment_token="" if it.method == "pix" else it.token,
                max_attempts=it.attempts,
                destination=Destination(country=it.place) if it.place else None,
                expected_total=None if agreed is None else Money(amount=agreed, currency="USD"),
                screening=screening_of(self._world.workload, work.context.tenant, name_of(it.customer)),
            )
            return (await start_checkout(command, work, SESSION_TIME, NEWEST)).id

        return start

    def _follow(self, who: str, tenant: str, checkout_id: UUID, it: Purchase) -> None:
        def later(seconds: float, service_act: tuple[str, Act]) -> Callable[[], None]:
            return lambda: self.begin(self._do_later(who, tenant, seconds, *service_act))

        if it.cancel is not None:
            later(it.cancel, ("cancel", _acted(cancel_checkout, checkout_id)))()
        reactions: dict[str, Callable[[], None]] = {}
        if it.confirm is not None and it.method != "pix":
            act = _acted(confirm_action, checkout_id)
            reactions["checkout.action_required"] = later(it.confirm, ("confirm", act))
        if it.method == "pix" and it.pays is not None:
            reactions[WAITING_BEGAN] = lambda: self.begin(self._pay(who, tenant, checkout_id, it))
        if it.attempts > 1:
            screening = screening_of(self._world.workload, tenant, name_of(it.customer))
            again = PayAgain(checkout_id, "simulated", "card", it.next_token, screening=screening)
            reactions["checkout.payment_declined"] = later(1.0, ("pay again", _paid_again(again)))
        if self._world.workload.rules:
            before = reactions.get(WAITING_BEGAN)
            reactions[WAITING_BEGAN] = lambda: self._review(who, tenant, checkout_id, it, before)
        if it.afterwards or it.shop:
            reactions["checkout.completed"] = lambda: self._ended(who, tenant, checkout_id, it)
        if it.operator in {"release", "claim"}:
            reactions["checkout.operator_needed"] = lambda: self.begin(
                self._release(who, tenant, checkout_id, only_claims=it.operator == "claim")
            )
        elif it.operator:
            by = retry_saga if it.operator == "retry" else compensate_saga
            act = _acted(by, checkout_id, reason="it takes too long")
            reactions["checkout.operator_needed"] = later(1.0, ("operator", act))
        if it.erased is not None:
            erasures = self._world.erasures
            act_on_end = erasures.later(self.begin, who, tenant, name_of(it.customer), it.erased)
            for end in ("checkout.completed", "checkout.failed"):
                before = reactions.get(end)
                reactions[end] = both(before, act_on_end)
        self.followed[checkout_id] = reactions
        order_id = order_id_of(checkout_id)
        see_to = later(it.attended, ("refund", self._seen_to(it, order_id)))
        self.followed[order_id] = {"order.refund_stuck": see_to, "order.refund_failed": see_to}
        if it.upsell is not None:
            pressed = lambda: self._press(who, tenant, order_id, it)  # noqa: E731
            self.followed[order_id]["order.upsells_proposed"] = pressed

    def _review(
        self, who: str, tenant: str, checkout_id: UUID, it: Purchase, otherwise: Callable[[], None] | None
    ) -> None:
        """Have operators decide the review that the checkout waits for; do something else if it waits for
        something else. A checkout may have several reviews, one for each attempt to pay."""
        again = lambda: self._review(who, tenant, checkout_id, it, otherwise)  # noqa: E731
        self.followed[checkout_id][WAITING_BEGAN] = again
        facts = self._world.databases[CHECKOUT].streams[checkout_id]
        if waits_for_review(facts):
            for number, act in enumerate(reviewed(it, checkout_id)):
                name = f"reviewer {number} of {who}, fact {len(facts)}"
                self.begin(self._do_later(name, tenant, it.reviewed, "review", act))
        elif otherwise is not None:
            otherwise()

    def _press(self, who: str, tenant: str, order_id: UUID, it: Purchase) -> None:
        """Two requests at once for the upsell that was proposed."""
        for time in ("first", "second"):
            self.begin(self._buy_upsell(f"{who}, {time} press", tenant, order_id, it))

    async def _buy_upsell(self, who: str, tenant: str, order_id: UUID, it: Purchase) -> None:
        await self.pause(it.upsell or 0.0)
        checkout_id = await self.ask(who, CHECKOUT, tenant, "upsell", self._upsell_of(order_id))
        if checkout_id is not None:
            alone = replace(it, cancel=None, afterwards="", shop="", erased=None, upsell=None)
            self._follow(who, tenant, checkout_id, alone)

    def _upsell_of(self, order_id: UUID) -> Act:
        async def act(work: PgUnitOfWork) -> UUID:
            order, bought = await find_purchase(order_id, work)
            (upsell,) = order.upsells
            opened = await self._world.vault.open(work.context.tenant, order.customer_id, bought.personal)
            command = BuyUpsell(order_id, upsell.upsell_id, ids.new_id(), is_erased=opened is None)
            return (await buy_upsell(command, work, SESSION_TIME, NEWEST)).id

        return act

    def _ended(self, who: str, tenant: str, checkout_id: UUID, it: Purchase) -> None:
        self.begin(self._deliver(who, tenant, checkout_id, it))
        if it.afterwards:
            self.begin(self._afterwards(who, tenant, checkout_id, it))

    async def _pay(self, who: str, tenant: str, checkout_id: UUID, it: Purchase) -> None:
        """Pay the pix at a bank, or decline it, and perhaps come back to the shop."""
        await self.pause(it.pays or 0.0)
        entry = self._world.ledger.act(tenant, str(payment_id_of(checkout_id)), it.at_bank)
        if entry is not None:
            self._world.done_at_gateway(entry)
        if it.confirm is not None:
            await self.ask(who, CHECKOUT, tenant, HAS_PAID, _acted(confirm_action, checkout_id))

    async def _release(self, who: str, tenant: str, checkout_id: UUID, *, only_claims: bool) -> None:
        """End the authorization at the gateway's own page, and say so; if there is none, ask once more.
        ``only_claims``: only say so."""
        await self.pause(1.0)
        ledger, payment_id = self._world.ledger, str(payment_id_of(checkout_id))
        is_held = ledger.refuses_to_void(tenant, payment_id)
        entry = None if only_claims else ledger.release(tenant, payment_id)
        if entry is not None:
            self._world.done_at_gateway(entry)
        if is_held:
            act = _acted(resolve_saga, checkout_id, outcome="done", reason="released by hand")
        else:
            act = _acted(retry_saga, checkout_id, reason="nothing is held")
        await self.ask(who, CHECKOUT, tenant, "operator", act)

    async def _afterwards(self, who: str, tenant: str, checkout_id: UUID, it: Purchase) -> None:
        ledger, payment_id = self._world.ledger, str(payment_id_of(checkout_id))
        if it.bank == "refused":
            ledger.refuses.add(payment_id)
        elif it.bank == "silent":
            ledger.silent[payment_id] = self._world.scheduler.now + SILENT_FOR
        await self.pause(it.later)
        for number, act in enumerate(afterwards(it, order_id_of(checkout_id))):
            await self.pause(0.1)
            await self.ask(who, CHECKOUT, tenant, f"afterwards {number}", act)

    async def _deliver(self, who: str, tenant: str, checkout_id: UUID, it: Purchase) -> None:
        for number, act in enumerate(by_shop(it, order_id_of(checkout_id))):
            await self.pause(5.0)
            await self.ask(f"shop of {who}", CHECKOUT, tenant, f"delivery {number}", act)

    def _seen_to(self, it: Purchase, order_id: UUID) -> Act:
        """An operator retries the refund that needs attention, or resolves it by the gateway's ledger. It may
        have ended by itself meanwhile: then the request is refused."""

        async def act(work: PgUnitOfWork) -> UUID:
            order = await work.open(Order, order_id)
            waiting = [name for name, refund in order.refunds.items() if refund.needs_attention]
            for refund_id in (waiting or list(order.refunds))[:1]:
                if it.operator == "retry":
                    await retry_refund(order_id, refund_id, "it takes too long", work)
                else:
                    await resolve_by_books(self._world.ledger, order, refund_id, work)
            return order_id

        return act

    async def _do_later(self, who: str, tenant: str, seconds: float, what: str, act: Act) -> None:
        await self.pause(seconds)
        await self.ask(who, CHECKOUT, tenant, what, act)


def name_of(customer: int) -> str:
    return "referrer" if customer == REFERRER else f"customer-{customer}"


def address_of(customer: int) -> str:
    return f"{name_of(customer)}@shop.test"


def both(first: Callable[[], None] | None, then: Callable[[], None]) -> Callable[[], None]:
    def act() -> None:
        if first is not None:
            first()
        then()

    return act


def _paid_again(command: PayAgain) -> Act:
    async def act(work: PgUnitOfWork) -> UUID:
        return (await pay_again(command, work)).id

    return act


def _acted(by: Callable[..., Awaitable[Any]], checkout_id: UUID, **more: Any) -> Act:
    async def act(work: PgUnitOfWork) -> UUID:
        await by(checkout_id, work, **more)
        return checkout_id

    return act
