"""Load a checkout that ``feira saga export`` has written into a simulated world."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import orjson

from checkout_saga.checkout.domain.checkout import Checkout
from cli.saga_export import FORMAT
from contracts.topics import TOPIC_OF
from kernel.context import Context
from kernel.store.changes import LogRow, Timer
from tests.proofs.simulation.faults import Plan
from tests.proofs.simulation.node import Node
from tests.proofs.simulation.scheduler import EPOCH, Scheduler, finished
from tests.proofs.simulation.services import CHECKOUT
from tests.proofs.simulation.workload import Workload
from tests.proofs.simulation.world import TraceLine, World

T = TypeVar("T")


@dataclass(frozen=True)
class Exported:
    """The world at the time of the export; time stands still in it."""

    checkout_id: UUID
    context: Context
    world: World
    messages: tuple[dict[str, Any], ...]

    @property
    def node(self) -> Node:
        return self.world.alive(CHECKOUT)[0]

    def checkout(self) -> Checkout:
        """Folded from what was exported."""
        session = self.node.store.open_within(self.world.scheduler.now)
        session.switch_context(self.context)
        return finished(session.open(Checkout, self.checkout_id))

    @property
    def timers(self) -> list[Timer]:
        return list(self.world.databases[CHECKOUT].timers.values())

    def story(self) -> Iterator[TraceLine]:
        """Its messages in order of time, from the checkout's start."""
        ordered = sorted(self.messages, key=lambda it: it["recorded_at"])
        begun = next(_time(it["recorded_at"]) for it in ordered if it["type"] == "checkout.started")
        for it in ordered:
            micros = (_time(it["recorded_at"]) - begun) // timedelta(microseconds=1)
            does = "records" if it["kind"] == "fact" else "asks"
            yield TraceLine(micros, it["service"], f"{does} {it['type']} {json.dumps(it['body'])[:160]}")


def load(path: Path) -> Exported:
    """Raises ``ValueError`` for a file of another form."""
    exported = json.loads(path.read_text())
    if not isinstance(exported, dict) or exported.get("form") != FORMAT:
        raise ValueError(f"{path} is not an exported checkout ({FORMAT})")
    scheduler = Scheduler()
    scheduler.micros = (_time(exported["now"]) - EPOCH) // timedelta(microseconds=1)
    world = World(Workload(seed=0, goods=(), purchases=(), replicas=1), Plan(), scheduler)
    context = Context(exported["tenant"], "replay", "replay", "replay")
    for service, database in world.databases.items():
        rows = [_row(exported["tenant"], it) for it in exported["messages"] if it["service"] == service]
        timers = [_timer(context, it) for it in exported["timers"] if it["service"] == service]
        database.append(rows)
        database.timers |= {(it.subject, it.kind): it for it in timers}
    return Exported(UUID(exported["checkout_id"]), context, world, tuple(exported["messages"]))


def state(it: Checkout, timers: Iterable[Timer], now: datetime) -> Iterator[str]:
    """The checkout's state in a few lines."""
    yield f"checkout {it.id}: {it.status}, at {it.phase}, version {it.version}, definition {it.definition}"
    if it.failure:
        yield f"  given up: {it.failure.code} at {it.failure.phase}: {it.failure.detail}"
    for name, step in it.steps.items():
        undone = f", taking back: {step.compensation}" if step.compensation else ""
        stuck = ", STUCK" if name in it.stuck else ""
        yield f"  {name:<20} {step.status}, attempt {step.attempt}{undone}{stuck}"
    left = it.expires_at - now
    yield f"  its time {'is over' if left < timedelta() else f'ends in {left}'}"
    for timer in timers:
        left = timer.due_at - now
        yield f"  timer {timer.kind} in {left}, attempts {timer.attempts}, {dict(timer.payload)}"


def _row(tenant: str, it: dict[str, Any]) -> LogRow:
    stream = UUID(it["stream_id"])
    body = orjson.dumps(it["body"])
    return LogRow(
        *(stream, it["version"], stream, it["kind"], tenant, TOPIC_OF[it["type"]], UUID(it["key"])),
        *(it["type"], it["schema_version"], body, "replay", "replay", "replay", None),
        *(_time(it["recorded_at"]), None),
    )


def _timer(context: Context, it: dict[str, Any]) -> Timer:
    due = UUID(it["subject"]), it["kind"], context.tenant, _time(it["due_at"])
    return Timer(*due, it["payload"], "replay", "replay", None, None, it["attempts"])


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
