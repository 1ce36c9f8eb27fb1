"""Run one workload to its end under a plan of faults, and check it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import orjson

from contracts.checkout import DeadlineMoved
from tests.proofs.simulation.actors import HAS_PAID
from tests.proofs.simulation.faults import Plan
from tests.proofs.simulation.merchants import offered
from tests.proofs.simulation.operators import LOOKS_OF_CHECKOUT, NEEDED
from tests.proofs.simulation.outside_fulfiller import handing_over
from tests.proofs.simulation.random_source import determined
from tests.proofs.simulation.reconciling import look_at_reconciliations
from tests.proofs.simulation.reviews import look_at_reviews
from tests.proofs.simulation.scheduler import EPOCH, HOUR, MINUTE, SECOND, Scheduler
from tests.proofs.simulation.services import CART, CHECKOUT
from tests.proofs.simulation.workload import Workload
from tests.proofs.simulation.world import World

END = 60 * HOUR
"""The same for all runs, so that many can be checked as of one time; no checkout lasts half as long."""
GRACE = 5 * MINUTE
"""A checkout ends within this time of its deadline, or of the end of the faults."""
ENDS = {"checkout.completed", "checkout.failed"}
MAY_BE_SO_ALREADY = {
    "count",
    "price",
    "archive",
    "disable",
    "tax",
    "place",
    "pause",
    "resume",
    "stop",
    "registered",
    HAS_PAID,
}
"""Requests that may be confirmed without a new fact, because their effect exists already. What operators ask
for about a refund is not among them: it is recorded, or refused because the refund has ended meanwhile."""
UNITS_PUT = re.compile(r"(\d+) (more )?of ")
OFFER_PUT = {"offer", "cart from offer"}
"""Requests that put one offer into a cart: a line with the quantity 1 for each of its products."""


def planned(workload: Workload) -> Plan:
    """The faults that the workload's own seed draws."""
    return Plan.drawn(
        Random(f"{workload.seed}/faults"), workload.rate, workload.most_faults, workload.kinds, workload.only
    )


def play(workload: Workload, plan: Plan, *, telling: bool = False) -> World:
    scheduler = Scheduler()
    with determined(workload.seed, workload.number, scheduler), handing_over(workload.outcomes):
        world = World(workload, plan, scheduler, telling=telling)
        world.actors.furnish()
        scheduler.run(world.begin_at)
        plan.is_open = True
        world.actors.come()
        scheduler.run(world.begin_at + int(workload.healed_at * SECOND))
        world.heal()
        scheduler.run(END)
        look_for_the_stuck(world)
        hold_to_the_journal(world)
        look_into_carts(world)
        world.erasures.look()
        world.operators.look_for_the_left()
        look_at_reconciliations(world)
        if workload.rules:
            look_at_reviews(world, EPOCH + timedelta(microseconds=world.begin_at, seconds=workload.healed_at))
    return world


def replay(workload: Workload, faults: Mapping[str, str], *, telling: bool = False) -> World:
    return play(workload, Plan(faults), telling=telling)


def hold_to_the_journal(world: World) -> None:
    """Check that each confirmed request is recorded, and that no idempotency key was reused for another."""
    recorded = {
        service: {(it.tenant, it.correlation_id) for it in database.log}
        for service, database in world.databases.items()
    }
    for it in world.actors.journal:
        if it.what not in MAY_BE_SO_ALREADY and (it.tenant, it.correlation_id) not in recorded[it.service]:
            world.broken("I1", f"confirmed, and nothing is recorded of it: {it.what} {it.subject}")
    for reused in world.ledger.reused:
        world.broken("I1", f"another request under the same key: {reused}")


def look_into_carts(world: World) -> None:
    """Check that each cart holds exactly the units confirmed to its customer, however often they retried."""
    confirmed: Counter[UUID] = Counter()
    for it in world.actors.journal:
        if it.service != CART:
            continue
        if put := UNITS_PUT.match(it.what):
            confirmed[it.subject] += int(put[1])
        elif it.what == "bump":
            confirmed[it.subject] += 1
        elif it.what in OFFER_PUT:
            confirmed[it.subject] += len(offered(world.workload.goods))
    for cart_id, units in confirmed.items():
        facts = world.databases[CART].streams[cart_id]
        added = sum(orjson.loads(it["body"])["quantity"] for it in facts if it["type"] == "cart.item_added")
        if added != units:
            world.broken("J1", f"cart {cart_id} has {added} units; {units} were confirmed to its customer")


def look_at_the_end(world: World, rows: Sequence[Mapping[str, Any]]) -> None:
    """Check that a checkout ends once, records nothing after its end, and does no step twice."""
    if any(it["type"] in ENDS for it in rows[:-1]):
        world.broken("S0", f"checkout {rows[0]['stream_id']} records facts after its end")
    advances = [orjson.loads(it["body"]) for it in rows if it["type"] == "checkout.advanced"]
    done = Counter(("done", it["step"]) for body in advances for it in body["done"])
    done.update(("undone", step) for body in advances for step in body["undone"])
    if twice := [it for it, times in done.items() if times > 1]:
        world.broken("S0", f"checkout {rows[0]['stream_id']} has done steps twice: {twice}")


def moved_to(rows: Sequence[Mapping[str, Any]]) -> Iterator[int]:
    """The deadlines of a checkout that were moved, in microseconds after its start."""
    for it in rows:
        if it["type"] == DeadlineMoved.TYPE:
            until = datetime.fromisoformat(orjson.loads(it["body"])["expires_at"])
            yield int((until - rows[0]["recorded_at"]).total_seconds() * SECOND)


def called_until(rows: Sequence[Mapping[str, Any]], healed: int) -> Iterator[int]:
    """Until when an operator sees to the checkout after each of its calls: microseconds after its start."""
    for it in rows:
        if it["type"] == NEEDED:
            called = int((it["recorded_at"] - rows[0]["recorded_at"]).total_seconds() * SECOND)
            yield max(called, healed) + LOOKS_OF_CHECKOUT


def look_for_the_stuck(world: World) -> None:
    """Check that every checkout has ended, and in time."""
    healed = world.begin_at + int(world.workload.healed_at * SECOND)
    for rows in world.databases[CHECKOUT].streams.values():
        if rows[0]["type"] != "checkout.started":
            continue
        last = rows[-1]
        look_at_the_end(world, rows)
        ended = int((last["recorded_at"] - rows[0]["recorded_at"]).total_seconds() * SECOND)
        limit = max(healed, 15 * MINUTE, *moved_to(rows), *called_until(rows, healed)) + GRACE
        if last["type"] not in ENDS:
            world.broken("late", f"checkout {last['stream_id']} never ends; it stands at {last['type']}")
        elif ended > limit:
            world.broken("late", f"checkout {last['stream_id']} took {ended // SECOND} s")
