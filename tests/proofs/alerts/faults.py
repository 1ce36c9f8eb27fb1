"""What is done to a stack: each act is a block, at whose end it is undone."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from uuid import uuid4

from deploy.observability.live.targets import targets
from kernel.postgres.advisory_locks import RELAY_LEADER
from tests.proofs.alerts.world import World, dying, stopped
from tests.proofs.caller import Json
from tests.support.kafka_records import received_stock, send, unlock_cart
from tests.support.stack import PROGRAM

ACTIONS = 12
"""Checkouts that wait for their customers: enough to burn the budget of slow checkouts."""
HELD_MS = 1000
"""Their pages wait for news, as pages do."""
MANY_PARKED = 14
READERS = 40
OVERDUE = """
    UPDATE timers SET due_at = feira_now() - interval '1 hour'
    WHERE (subject, kind) IN (SELECT subject, kind FROM timers ORDER BY due_at LIMIT 1)
"""
LEADERS = """
    SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND objid = $1
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
LOST_CAPTURE = """
    DELETE FROM operation WHERE number =
        (SELECT min(number) FROM operation WHERE operation = 'capture' AND status = 'captured')
"""


@asynccontextmanager
async def failing_requests(world: World) -> AsyncIterator[None]:
    """Half of the commands are answered with 500, and all appends take 400 ms."""
    world.arming.arm(("http.after_commit_before_answer=raise@p0.5", "append.before_commit=delay:0.4@p1"))
    try:
        yield
    finally:
        world.arming.arm(())


@asynccontextmanager
async def waiting_customers(world: World) -> AsyncIterator[None]:
    """Customers who have to act, and do so after more than a minute."""
    begun = await asyncio.gather(*(world.storm.begin("tok_action") for _ in range(ACTIONS)))
    await asyncio.gather(*(world.storm.shop.checkout(it, HELD_MS) for it in begun if it))
    try:
        yield
    finally:
        await asyncio.gather(
            *(world.storm.shop.press(it, "confirm-action", f"confirm {it}") for it in begun if it)
        )


@asynccontextmanager
async def silent_gateway(world: World) -> AsyncIterator[None]:
    """The gateway answers no call of one checkout."""
    await world.storm.begin("tok_down")
    yield


@asynccontextmanager
async def refund_by_hand(world: World) -> AsyncIterator[None]:
    """A refund that people have to pay back; at the end they have."""
    shop = world.storm.shop
    bought = await shop.settled(await world.storm.begin("tok_ok"))
    refunds = f"/v1/orders/{bought['order_id']}/refunds"
    asked = {"method": "manual", "reason": "paid back in the shop"}
    order = await shop.caller.post("checkout-saga", refunds, asked, f"refund {refunds}", "admin")
    (refund,) = order["refunds"]
    try:
        yield
    finally:
        done = {"outcome": "done", "reason": "paid back in the shop"}
        resolve = f"{refunds}/{refund['refund_id']}/resolve"
        await shop.caller.post("checkout-saga", resolve, done, f"resolve {refunds}", "ops")


@asynccontextmanager
async def course_bought_twice(world: World) -> AsyncIterator[None]:
    """The line of the second order cannot be handed over; at the end that order is cancelled."""
    shop, customer = world.storm.shop, uuid4().hex
    course = await shop.course("a course to buy twice", 4900)
    for name in (f"{customer} once", f"{customer} twice"):
        cart = (await shop.cart(name, {course: 1})).body
        begun = (await shop.check_out(name, cart, "tok_ok", customer)).body
        bought = await shop.settled(begun["checkout_id"])
    try:
        yield
    finally:
        cancel = f"/v1/orders/{bought['order_id']}/cancel"
        why = {"reason": "bought twice"}
        await shop.caller.post("checkout-saga", cancel, why, f"cancel {cancel}", "admin")


@asynccontextmanager
async def killed_service(world: World) -> AsyncIterator[None]:
    async with dying(world, "cart"):
        yield


@asynccontextmanager
async def missing_target(world: World) -> AsyncIterator[None]:
    """offer runs, and is not scraped."""
    processes = world.stack.status()["processes"]
    world.prometheus.scrape(targets(it for it in processes if it["name"] != "offer"))
    try:
        yield
    finally:
        world.prometheus.scrape(targets(processes))


@asynccontextmanager
async def stopped_postgres(world: World) -> AsyncIterator[None]:
    async with stopped(world.pid("postgres")):
        yield


@asynccontextmanager
async def locked_log(world: World) -> AsyncIterator[None]:
    """A session holds a lock on cart's log; readers of carts use up all connections."""
    cart = (await world.storm.shop.cart(uuid4().hex, {})).body

    async def read() -> Json:
        return await world.storm.shop.caller.read("cart", f"/v1/carts/{cart['cart_id']}")

    async with world.database("cart") as connection, connection.transaction():
        await connection.execute("LOCK TABLE log IN ACCESS EXCLUSIVE MODE")
        reading = [asyncio.create_task(read()) for _ in range(READERS)]
        try:
            yield
        finally:
            for task in reading:
                task.cancel()
            await asyncio.gather(*reading, return_exceptions=True)


@asynccontextmanager
async def stuck_loops(world: World) -> AsyncIterator[None]:
    """One relay, one consumer, one lane of read models and the timers of one service hang."""
    world.arming.arm(
        (
            "relay.before_send=delay:40",
            "consumer.after_open=delay:45",
            "projection.after_apply=delay:60",
            "timer.after_claim=delay:60@p1",
        )
    )
    async with world.database("cart") as connection:
        await connection.execute(OVERDUE)
    try:
        yield
    finally:
        world.arming.arm(())


@asynccontextmanager
async def no_leader(world: World) -> AsyncIterator[None]:
    """This session takes the lock by which cart's relay leads."""
    async with world.database("cart") as ours, world.database("cart") as other:
        taking = asyncio.create_task(ours.execute("SELECT pg_advisory_lock($1)", RELAY_LEADER))
        while not taking.done():
            for row in await other.fetch(LEADERS, RELAY_LEADER):
                await other.execute("SELECT pg_terminate_backend($1)", row["pid"])
            await asyncio.sleep(0.2)
        yield


@asynccontextmanager
async def dead_gateway(world: World) -> AsyncIterator[None]:
    async with dying(world, "gateway"):
        yield


@asynccontextmanager
async def dead_kafka(world: World) -> AsyncIterator[None]:
    """Killed again and again, and empty when it comes back."""
    async with AsyncExitStack() as dead:
        await dead.enter_async_context(dying(world, "kafka"))
        yield
        shutil.rmtree(world.stack.home / "kafka", ignore_errors=True)


@asynccontextmanager
async def nothing(_world: World) -> AsyncIterator[None]:
    """What the fault before has left behind."""
    yield


@asynccontextmanager
async def foreign_records(world: World) -> AsyncIterator[None]:
    """Commands without a type, which a consumer parks."""
    for _ in range(MANY_PARKED):
        await send(world.stack.addresses.kafka, unlock_cart(uuid4()).without_header("ce_type"))
        await asyncio.sleep(0.25)
    yield


@asynccontextmanager
async def wrong_books(world: World) -> AsyncIterator[None]:
    """The ledger of the gateway loses a capture; then the books are verified."""
    async with world.database("gateway") as connection:
        await connection.execute(LOST_CAPTURE)
    await verified(world)
    yield


@asynccontextmanager
async def topics_ahead(world: World) -> AsyncIterator[None]:
    """While offer is down, its topic gets a fact that its log does not have: as after a restore."""
    async with dying(world, "offer"):
        await send(world.stack.addresses.kafka, received_stock(uuid4(), 1))
    yield


async def verified(world: World) -> None:
    """Run `feira verify`, whose verdicts projections exports."""
    process = await asyncio.create_subprocess_exec(
        *(PROGRAM, "verify", "--report", "--settle", "5"),
        env=dict(world.stack.environment),
        stdout=asyncio.subprocess.DEVNULL,
    )
    await process.wait()
