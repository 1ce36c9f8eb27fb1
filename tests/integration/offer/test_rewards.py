"""Referrers' rewards from facts of orders: one for an order, also by replicas at once, and to the cent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar, cast
from uuid import UUID, uuid4

import httpx
import pytest

from contracts import customer, order
from contracts.envelope import Fact
from contracts.referral_program import ProgramDetails
from contracts.referral_rule import ReferralLimits, Reward, RuleDetails
from contracts.sale import Sale, SaleLine, Totals
from contracts.topics import MESSAGES
from devstack.databases import Database
from kernel.context import Context
from kernel.errors import Conflict, KeyClaimed
from kernel.messaging.inbound import InboundMessage
from kernel.observability.health import Heartbeats
from kernel.scheduling.timers import Timers
from kernel.store.event_store import EventStore
from kernel.store.pg_unit_of_work import PgUnitOfWork
from offer.customers.projection import CustomersProjection
from offer.promotions.domain.promotion import Promotion
from offer.referral.domain.rule import ReferralRule
from offer.referral.use_cases.attributions import Attribute, attribute
from offer.referral.use_cases.programs import activate_program, create_program
from offer.referral.use_cases.rules import create_rule
from offer.rewards.domain.reward import Reward as Earned
from offer.rewards.domain.reward import reward_id
from offer.rewards.orders import OrdersOfReferees
from offer.timers import TIMERS
from tests.support.database import Pool, migrated_database, service_pool
from tests.support.parts import Parts
from tests.support.scenario import CONTEXT, stamp
from tests.unit.offer.customers import FakeCustomers

MIGRATIONS = Path(__file__).parents[3] / "services/offer/src/offer/migrations"
FIVE_PERCENT = Reward(type="percentage", value="5")
ATTEMPTS = 20
T = TypeVar("T")


@pytest.fixture(scope="module")
async def pool(parts: Parts) -> AsyncIterator[Pool]:
    database = await migrated_database("feira_offer_rewards", parts.postgres_superuser_url, MIGRATIONS)
    async with service_pool(database) as pool:
        yield pool


@dataclass(frozen=True)
class Message:
    """As much of an ``InboundMessage`` as the handlers read."""

    content: Fact
    time: datetime
    tenant: str = "demo"

    @property
    def stream_id(self) -> UUID:
        return self.content.originator_id

    def fact(self) -> Fact:
        return self.content

    def context(self) -> Context:
        return CONTEXT


@dataclass
class Shop:
    """One replica. Others have a store of their own on the same database."""

    store: EventStore

    async def decide(self, use_case: Callable[[PgUnitOfWork], Awaitable[T]]) -> T:
        async with self.store.transaction() as transaction:
            work = self.store.begin_within(transaction.connection, transaction.now)
            work.switch_context(CONTEXT)
            result = await use_case(work)
            await self.store.flush(work, transaction.connection)
        return result

    async def hear(self, *facts: Fact) -> None:
        """Handle a batch as the consumer does, again after a conflict."""
        for _ in range(ATTEMPTS):
            try:
                await self._handle(facts)
            except (Conflict, KeyClaimed):
                continue
            return
        raise AssertionError("conflicts do not end")

    async def _handle(self, facts: tuple[Fact, ...]) -> None:
        async with self.store.transaction() as transaction:
            connection = transaction.connection
            work = self.store.begin_within(connection, transaction.now)
            batch = cast("list[InboundMessage]", [Message(it, transaction.now) for it in facts])
            for handler in (CustomersProjection(), OrdersOfReferees()):
                of_handler = [it for it in batch if it.fact().TYPE in handler.types]
                await handler.handle(of_handler, work, connection)
            await self.store.flush(work, connection)

    async def fire(self) -> None:
        timers = Timers("offer", TIMERS, self.store, Heartbeats())
        for _ in range(ATTEMPTS):
            try:
                await timers.fire(100)
            except Conflict:
                continue
            return
        raise AssertionError("conflicts do not end")

    async def reward(self, of_order: UUID, rule_id: UUID) -> Earned:
        return await self.decide(lambda work: work.open(Earned, reward_id(of_order, rule_id)))

    async def promotion(self, found: Earned) -> Promotion:
        assert found.issued is not None
        assert found.issued.promotion_id is not None
        key = found.issued.promotion_id
        return await self.decide(lambda work: work.open(Promotion, key))

    async def granted(self, *orders: UUID) -> int:
        """How many rewards these orders have."""
        rows = await self.store.pool.fetch(
            "SELECT convert_from(body, 'UTF8')::jsonb ->> 'order_id' AS id FROM log "
            "WHERE type = 'reward.granted'"
        )
        return sum(UUID(row["id"]) in orders for row in rows)


@dataclass(frozen=True)
class Referred:
    shop: Shop
    referee: str
    rules: tuple[UUID, ...]


@pytest.fixture
def shop(pool: Pool) -> Shop:
    return Shop(EventStore(pool, MESSAGES))


async def refer(shop: Shop, *rules: dict[str, Any], days: int = 0) -> Referred:
    """A referee of their own, in a program of their own with these rules."""
    referee = f"ann-{uuid4().hex}"

    async def set_up(work: PgUnitOfWork) -> tuple[UUID, ...]:
        program = await create_program(ProgramDetails(name="Friends", reward_days=days), work)
        await activate_program(program.id, work)
        made = [
            await create_rule(
                RuleDetails.model_validate(
                    {
                        "program_id": program.id,
                        "referrer_reward": FIVE_PERCENT,
                        "limits": ReferralLimits(),
                        **it,
                    }
                ),
                work,
            )
            for it in rules or ({"trigger": "first_order_paid"},)
        ]
        await attribute(Attribute(program.id, referee, f"bob-{referee}"), work, FakeCustomers())
        return tuple(it.id for it in made)

    return Referred(shop, referee, await shop.decide(set_up))


def ordered(order_id: UUID, customer_id: str, net: int = 10_000) -> order.Created:
    line = SaleLine(
        line_id="1",
        product_id=uuid4(),
        product_type="course",
        sku="c",
        name="Course",
        quantity=1,
        unit_price=net,
        discount=0,
        tax=800,
        total=net + 800,
    )
    totals = Totals(subtotal=net, discount=0, shipping=0, tax=800, total=net + 800)
    return order.Created(
        **stamp(order_id),
        number="1",
        checkout_id=uuid4(),
        cart_id=uuid4(),
        customer_id=customer_id,
        payment_id=uuid4(),
        sale=Sale(currency="USD", lines=(line,), totals=totals),
    )


def paid(order_id: UUID) -> order.Paid:
    return order.Paid(**stamp(order_id), currency="USD", amount=10_800)


def bought(order_id: UUID, customer_id: str) -> tuple[Fact, ...]:
    return ordered(order_id, customer_id), paid(order_id)


def refund_of(order_id: UUID, amount: int, tax: int) -> tuple[Fact, ...]:
    key = uuid4()
    shared = {**stamp(order_id), "refund_id": key, "currency": "USD", "amount": amount, "reason": "returned"}
    share = order.RefundShare(line_id="1", amount=amount, tax=tax)
    return (
        order.RefundRequested.model_validate({**shared, "allocation": (share,)}),
        order.Refunded.model_validate({**shared, "allocation": (share,)}),
    )


async def test_an_order_that_is_paid_twice_earns_one_reward(shop: Shop) -> None:
    referred, one = await refer(shop, days=14), uuid4()
    await shop.hear(*bought(one, referred.referee), paid(one))
    await shop.hear(paid(one))
    found = await shop.reward(one, referred.rules[0])
    assert (found.status, found.granted.base, found.granted.amount) == ("granted", 10_000, 500)
    assert await shop.granted(one) == 1


async def test_the_same_fact_heard_by_two_replicas_at_once_earns_one_reward(pool: Pool, shop: Shop) -> None:
    other = Shop(EventStore(pool, MESSAGES))
    for _ in range(5):
        referred, one = await refer(shop), uuid4()
        await shop.hear(ordered(one, referred.referee))
        await asyncio.gather(shop.hear(paid(one)), other.hear(paid(one)))
        assert await shop.granted(one) == 1


async def test_of_two_orders_paid_at_once_one_is_the_first_and_one_the_second(pool: Pool, shop: Shop) -> None:
    other = Shop(EventStore(pool, MESSAGES))
    second = {"trigger": "nth_order_paid", "n": 2}
    for _ in range(5):
        referred, orders = await refer(shop, {"trigger": "first_order_paid"}, second), (uuid4(), uuid4())
        await asyncio.gather(
            shop.hear(*bought(orders[0], referred.referee)), other.hear(*bought(orders[1], referred.referee))
        )
        by_rule = [[it for it in orders if (await shop.reward(it, rule)).exists] for rule in referred.rules]
        assert sorted(map(len, by_rule)) == [1, 1]
        assert {it for found in by_rule for it in found} == set(orders)


async def test_of_two_orders_in_one_batch_the_earlier_is_the_first(shop: Shop) -> None:
    referred, one, two = await refer(shop), uuid4(), uuid4()
    await shop.hear(*bought(one, referred.referee), *bought(two, referred.referee))
    assert (await shop.reward(one, referred.rules[0])).exists
    assert await shop.granted(one, two) == 1


async def test_the_limit_of_a_referrer_holds_for_orders_of_several_referees_at_once(pool: Pool) -> None:
    shops = [Shop(EventStore(pool, MESSAGES)) for _ in range(4)]
    limits = ReferralLimits(per_referrer=2)
    referred = await refer(shops[0], {"trigger": "first_order_paid", "limits": limits})
    program_id = await _program_of(shops[0], referred.rules[0])
    others = [f"eve-{uuid4().hex}" for _ in shops]
    for it in others:
        command = Attribute(program_id, it, f"bob-{referred.referee}")

        async def add(work: PgUnitOfWork, command: Attribute = command) -> None:
            await attribute(command, work, FakeCustomers())

        await shops[0].decide(add)
    orders = [uuid4() for _ in others]
    await asyncio.gather(
        *(shop.hear(*bought(key, who)) for shop, key, who in zip(shops, orders, others, strict=True))
    )
    assert await shops[0].granted(*orders) == 2


async def _program_of(shop: Shop, rule_id: UUID) -> UUID:
    return (await shop.decide(lambda work: work.open(ReferralRule, rule_id))).details.program_id


async def test_orders_of_a_linked_guest_count_and_earn(shop: Shop) -> None:
    referred, guest = await refer(shop), f"guest-{uuid4().hex}"
    link = customer.Linked(**stamp(uuid4()), customer_id=referred.referee, guest_id=guest)
    first, second = uuid4(), uuid4()
    await shop.hear(link, *bought(first, guest))
    assert (await shop.reward(first, referred.rules[0])).granted.referee_id == referred.referee
    await shop.hear(*bought(second, referred.referee))
    assert await shop.granted(first, second) == 1


async def test_an_order_that_is_cancelled_in_the_same_batch_and_one_of_a_stranger_earn_nothing(
    shop: Shop,
) -> None:
    referred, one, two = await refer(shop), uuid4(), uuid4()
    await shop.hear(*bought(one, referred.referee), order.Cancelled(**stamp(one), reason="late"))
    await shop.hear(*bought(two, f"stranger-{uuid4().hex}"))
    assert await shop.granted(one, two) == 0


async def test_its_timer_issues_it_once_and_refunds_lower_the_promotion(shop: Shop) -> None:
    referred, one = await refer(shop), uuid4()
    await shop.hear(*bought(one, referred.referee))
    await asyncio.gather(shop.fire(), shop.fire())
    found = await shop.reward(one, referred.rules[0])
    assert (found.status, found.promotion_amount) == ("issued", 500)
    assert (await shop.promotion(found)).terms.value == "500"
    await shop.hear(*refund_of(one, 1080, 80))
    found = await shop.reward(one, referred.rules[0])
    assert (found.left, (await shop.promotion(found)).terms.value) == (450, "450")


async def test_a_refund_and_the_confirmation_at_once_agree_about_what_is_left(pool: Pool, shop: Shop) -> None:
    other = Shop(EventStore(pool, MESSAGES))
    for number in range(8):
        referred, one = await refer(shop), uuid4()
        await shop.hear(*bought(one, referred.referee))
        requested, refunded = refund_of(one, 1080, 80)
        heard = (requested, refunded) if number % 2 else (requested,)
        await asyncio.gather(shop.fire(), other.hear(*heard))
        await other.hear(refunded)
        found = await shop.reward(one, referred.rules[0])
        assert found.left == 450
        if found.issued is None:
            timers = await pool.fetchval("SELECT count(*) FROM timers WHERE subject = $1", found.id)
            assert timers == 1
        else:
            assert (await shop.promotion(found)).terms.value == "450"


async def test_rewards_are_listed_by_referrer_and_order_in_pages(
    admin: httpx.AsyncClient, database: Database
) -> None:
    async with service_pool(database) as pool:
        shop = Shop(EventStore(pool, MESSAGES))
        second = {"trigger": "nth_order_paid", "n": 2}
        referred = await refer(shop, {"trigger": "first_order_paid"}, second, days=14)
        one, two = uuid4(), uuid4()
        await shop.hear(*bought(one, referred.referee), *bought(two, referred.referee))
        await shop.hear(*refund_of(two, 1080, 80))

    async def listed(**query: str) -> Any:
        response = await admin.get("/v1/referral/rewards", params=query)
        assert response.status_code == 200, response.text
        return response.json()

    referrer = f"bob-{referred.referee}"
    page = await listed(referrer_id=referrer, limit="1")
    rest = await listed(referrer_id=referrer, limit="1", cursor=page["next_cursor"])
    found = {it["order_id"]: it for it in (*page["items"], *rest["items"])}
    assert (set(found), rest["next_cursor"]) == ({str(one), str(two)}, None)
    (of_order,) = (await listed(order_id=str(two)))["items"]
    assert of_order == found[str(two)]
    amounts = [of_order[name] for name in ("base", "amount", "reversed", "left", "debt")]
    assert (amounts, of_order["status"], of_order["issued"]) == ([10_000, 500, 50, 450, 0], "granted", None)
    nobody = await listed(referrer_id="nobody", order_id=str(two))
    assert nobody == {"items": [], "next_cursor": None}


async def test_the_list_refuses_what_is_no_order(admin: httpx.AsyncClient) -> None:
    wrong = await admin.get("/v1/referral/rewards", params={"order_id": "none"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "INVALID_REQUEST")
