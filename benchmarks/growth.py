"""Adding to a cart and buying with a short and a long log, in turns with an empty one."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from uuid import uuid4

from benchmarks.figures import Figure, Goal
from benchmarks.history import History, history, lasting
from benchmarks.planting import into_log
from contracts.topology import PUBLISHERS
from demo.load.generator import Generator, Plan
from demo.load.mix import DEFAULT, Mix
from demo.shopping.api import Api, client
from demo.shopping.shop import CURRENCY, Goods, Shop
from devstack.process_group import run_concurrently
from tests.support.stack import RunningStack, running_stack

SIZES = (10_000, 1_000_000)
"""Events in the cart's log, and in the checkout's."""
ROUNDS = 5
BUYERS = 8
ADDITIONS, PURCHASES = 400, 60
PAST = 200
Measure = Callable[[RunningStack], Awaitable[float]]


async def figures(home: Path) -> AsyncIterator[Figure]:
    with ExitStack() as stacks:
        grown = stacks.enter_context(running_stack(home / "grown"))
        with running_stack(home / "empty") as empty:
            for stack in (grown, empty):
                await purchases(stack, PAST)
            bases = grown.addresses.databases
            stay = await lasting(bases["offer"])
            pasts = {it: await history(bases[it], stay) for it in PUBLISHERS}
            before = 0
            for size in SIZES:
                await _grow(pasts, size - before, bases)
                before = size
                for name, measure in (("add to cart", additions), ("checkout", purchases)):
                    with_log, without = await _in_turns(measure, grown, empty)
                    what = f"{name}, {BUYERS} in flight, {size:,} events in the log"
                    goal = Goal(">=", 0.9, of_ratio=True)
                    yield Figure(what, with_log, "/s", "an empty log", without, goal)


async def _in_turns(measure: Measure, one: RunningStack, other: RunningStack) -> tuple[float, float]:
    """The median of each stack, measured in turns; the order changes with each round."""
    found: dict[int, list[float]] = {id(one): [], id(other): []}
    for number in range(ROUNDS):
        for stack in (one, other) if number % 2 else (other, one):
            found[id(stack)].append(await measure(stack))
    return median(found[id(one)]), median(found[id(other)])


async def additions(stack: RunningStack) -> float:
    """A second, each to a cart of its own."""
    async with client() as http:
        api = Api(http, stack.addresses.urls, "demo")
        run = uuid4().hex
        product = await Shop(api).put_on_sale(run, "Mug", 1999)
        item = Goods(product)._asdict()
        carts: list[str] = []
        names = iter(range(ADDITIONS))

        async def open_carts() -> None:
            for it in names:
                new = {"session_id": f"{run} {it}", "currency": CURRENCY}
                carts.append((await api.post("cart", "/v1/carts", "service", f"{run} {it}", new))["cart_id"])

        async def add() -> None:
            while carts:
                cart_id = carts.pop()
                await api.post("cart", f"/v1/carts/{cart_id}/items", "service", f"add {cart_id}", item)

        await run_concurrently(open_carts() for _ in range(BUYERS))
        began = time.perf_counter()
        await run_concurrently(add() for _ in range(BUYERS))
        return ADDITIONS / (time.perf_counter() - began)


async def purchases(stack: RunningStack, orders: int = PURCHASES) -> float:
    """A second, each from the cart to the end of its checkout."""
    buying = Generator(Plan(BUYERS, Mix.of(DEFAULT), 1, orders=orders), stack.addresses.urls)
    await buying.run()
    return buying.tally.rate


async def _grow(pasts: Mapping[str, History], events: int, bases: Mapping[str, str]) -> None:
    """Copies of the same purchases into all logs; the cart's gets as many events as the checkout's."""
    for service, past in pasts.items():
        of = pasts["checkout-saga"] if service == "offer" else past
        await into_log(past, -(-events // len(of)), bases[service])
