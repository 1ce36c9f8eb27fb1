"""Finds which cells of the matrix a run has met, by its logs, the gateway's ledger and its incidents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

import orjson

from kernel.store.changes import LogRow
from tests.proofs.simulation import matrix
from tests.proofs.simulation.database import Row
from tests.proofs.simulation.incidents import ASKED, BEFORE, BY_COMMAND, BY_REPLY
from tests.proofs.simulation.ledger import BY_CUSTOMER, Entry
from tests.proofs.simulation.matrix import Cell
from tests.proofs.simulation.services import CART, CHECKOUT, OFFER

if TYPE_CHECKING:
    from tests.proofs.simulation.world import World

LONG = timedelta(seconds=2)
"""A command or a reply that takes so long counts as timed out: without faults each takes milliseconds."""
OF_REFUNDS = {"order.refund_resolved", "order.refunded", "order.refund_paid_twice"}
REFUSING = {it.refused for it in ASKED}


def met(world: World) -> set[Cell]:
    return {
        *world.incidents.cells,
        *_of_commands(world),
        *_of_payments(world),
        *_of_deliveries(world),
    } - set(matrix.NOT_REACHABLE)


class Life(NamedTuple):
    """When the parts of a checkout were recorded."""

    heard: dict[str, datetime]
    refused: set[str]
    given_up: datetime | None
    ended: datetime | None


def _life(facts: Sequence[Row]) -> Life:
    heard: dict[str, datetime] = {}
    refused: set[str] = set()
    given_up = ended = None
    for it in facts:
        at = it["recorded_at"]
        match it["type"]:
            case "checkout.advanced":
                body = orjson.loads(it["body"])
                heard |= {one["step"]: at for one in body["done"]}
                if one := body.get("refused"):
                    refused.add(one["step"])
                    heard[one["step"]] = at
            case "checkout.compensation_started":
                given_up = given_up or at
            case "checkout.completed" | "checkout.failed":
                ended = at
    return Life(heard, refused, given_up, ended)


def _lives(world: World) -> dict[UUID, Life]:
    streams = world.databases[CHECKOUT].streams.items()
    return {stream: _life(facts) for stream, facts in streams if facts[0]["type"] == "checkout.started"}


def _of_commands(world: World) -> Iterator[Cell]:
    asked: dict[tuple[str, str], datetime] = {}
    replies: defaultdict[tuple[str, str], list[LogRow]] = defaultdict(list)
    for row in world.databases[CHECKOUT].log:
        if row.kind == "command" and row.type in BY_COMMAND:
            asked.setdefault((_checkout(row), BY_COMMAND[row.type]), row.recorded_at)
    for service in (CART, OFFER):
        for row in world.databases[service].log:
            if row.kind == "fact" and row.type in BY_REPLY:
                replies[_checkout(row), BY_REPLY[row.type]].append(row)
    lives = {str(stream): life for stream, life in _lives(world).items()}
    for (checkout, step), sent in asked.items():
        if answers := replies.get((checkout, step)):
            yield from _of_command(step, lives[checkout], sent, answers)


def _of_command(step: str, life: Life, sent: datetime, answers: Sequence[LogRow]) -> Iterator[Cell]:
    first = answers[0].recorded_at
    heard = life.heard.get(step)
    if any(it.type in REFUSING for it in answers):
        yield Cell(step, matrix.REFUSED)
    if first - sent > LONG:
        yield Cell(step, matrix.NO_EFFECT)
    if heard and heard - first > LONG:
        yield Cell(step, matrix.EFFECT)
    if life.given_up and first > life.given_up:
        yield Cell(step, matrix.LATE)
    if step == matrix.COMPLETE and first - sent > LONG:
        # the reply is not awaited: every effect of the command comes after the end
        yield from (Cell(step, it) for it in (matrix.EFFECT, matrix.LATE))
    if len(answers) > 1:
        yield Cell(step, matrix.TWICE)
        own = (it for it, steps in BEFORE.items() if step in steps and it in life.heard)
        yield from (Cell(it, matrix.TWICE) for it in own)


def _checkout(row: LogRow) -> str:
    found = orjson.loads(row.body).get("checkout_id")
    return str(found or row.stream_id)


def _of_payments(world: World) -> Iterator[Cell]:
    lives = {str(stream): life for stream, life in _lives(world).items()}
    for it in world.ledger.entries.values():
        if it.key.startswith(BY_CUSTOMER):
            yield from _of_bank(it, world, lives)
        step = world.incidents.step_of(it.operation, it.key)
        life = lives.get(it.key.partition(":")[0])
        if step is None or life is None:
            continue
        if it.status in {"declined", "refused"}:
            yield Cell(step, matrix.REFUSED)
        given_up, at = life.given_up, world.incidents.effects[it.key]
        if step in {matrix.AUTHORIZE, matrix.CAPTURE} and given_up and at > given_up:
            yield Cell(step, matrix.LATE)
        if step in {matrix.AUTHORIZE, matrix.CAPTURE} and given_up and _heard_late(life, step):
            yield Cell(step, matrix.LATE)
        if step == matrix.UNDOING and life.ended and at > life.ended:
            yield Cell(step, matrix.LATE)
    if Cell(matrix.AUTHORIZE, matrix.TWICE) in world.incidents.cells:
        yield Cell(matrix.ORDER, matrix.TWICE)
    yield from _late_refunds(world)


def _of_bank(it: Entry, world: World, lives: Mapping[str, Life]) -> Iterator[Cell]:
    """What a customer has done at the gateway or at a bank, of a payment that is pushed."""
    payment = it.merchant, it.payment_id
    if not world.ledger.payments[payment].is_push:
        return
    life = lives[world.ledger.checkouts[payment]]
    if it.status == "declined":
        yield Cell(matrix.PUSH, matrix.REFUSED)
    elif life.given_up and life.heard.get(matrix.AUTHORIZE, life.given_up) >= life.given_up:
        yield Cell(matrix.PUSH, matrix.LATE)


def _heard_late(life: Life, step: str) -> bool:
    heard = life.heard.get(step)
    return bool(heard and life.given_up and heard > life.given_up)


def _late_refunds(world: World) -> Iterator[Cell]:
    """A refund of an order that was paid after an operator had resolved it."""
    for facts in world.databases[CHECKOUT].streams.values():
        resolved: set[str] = set()
        for it in facts:
            if it["type"] not in OF_REFUNDS:
                continue
            refund_id = orjson.loads(it["body"]).get("refund_id")
            if it["type"] == "order.refund_resolved":
                resolved.add(refund_id)
            elif it["type"] in {"order.refunded", "order.refund_paid_twice"} and refund_id in resolved:
                yield Cell(matrix.REFUND, matrix.LATE)


def _of_deliveries(world: World) -> Iterator[Cell]:
    outcomes, streams = world.workload.outcomes, world.databases[CHECKOUT].streams
    ended = {stream: life.ended for stream, life in _lives(world).items()}
    for facts in streams.values():
        types = [it["type"] for it in facts]
        if types[0] == "order.created":
            checkout = UUID(orjson.loads(facts[0]["body"])["checkout_id"])
            yield from _of_results(facts, ended.get(checkout))
        if types[0] != "fulfillment.requested":
            continue
        if "fulfillment.failed" in types:
            yield Cell(matrix.FULFIL, matrix.REFUSED)
        for first, then in pairwise(types):
            if outcomes and first == then == "fulfillment.requested":
                yield Cell(matrix.FULFIL, matrix.EFFECT if "unheard" in outcomes else matrix.NO_EFFECT)


def _of_results(facts: Sequence[Mapping[str, Any]], ended: datetime | None) -> Iterator[Cell]:
    """The status of the order moves on after the checkout has ended."""
    handed_over = {"order.fulfilled", "order.partially_fulfilled"}
    if ended and any(it["type"] in handed_over and it["recorded_at"] > ended for it in facts):
        yield Cell(matrix.FULFIL, matrix.LATE)
