"""The stack that the storm blows over: plain, or with a door before everything that a service depends on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from cli.stack import ports
from tests.proofs.chaos.doors import open_doors
from tests.proofs.chaos.faults.clock import SESSION
from tests.proofs.chaos.faults.world import World
from tests.proofs.chaos.plan import Targets
from tests.proofs.chaos.quiet import SERVICES
from tests.proofs.chaos.through_doors import COMMAND, DOORS, LISTENERS
from tests.support.stack import RunningStack, running_stack

PARTS = {"postgres", "kafka"}
TOPICS = ("cart.events", "offer.events", "checkout.events", "cart.commands", "offer.commands")
USUAL = {"FEIRA_GATEWAY_DOWN_SECONDS": "10"}


@contextmanager
def plain(home: Path, replicas: str) -> Iterator[World]:
    with running_stack(home, {**USUAL, "FEIRA_REPLICAS": replicas}) as stack:
        yield World(stack)


@contextmanager
def behind_doors(home: Path, replicas: str) -> Iterator[World]:
    names = ("postgres", "kafka", "gateway", *SERVICES)
    at: dict[str, int] = {}
    for name in names:
        # Kafka has an address of its own for each service, for it tells its clients where to go
        at[name] = ports.free(excluding=at.values())
    listeners = {name: at.pop(name) for name in SERVICES}
    targets = {f"{it}-postgres": at["postgres"] for it in SERVICES}
    targets |= {f"{it}-kafka": port for it, port in listeners.items()}
    targets["checkout-saga-gateway"] = at["gateway"]
    with open_doors(targets, taken=list(at.values())) as doors:
        settings = {
            **{f"FEIRA_PORT_{name.upper()}": str(port) for name, port in at.items()},
            DOORS: json.dumps(dict(doors.port)),
            LISTENERS: json.dumps(listeners),
            "FEIRA_REPLICAS": replicas,
        }
        with running_stack(home, {**USUAL, **SESSION, **settings}, COMMAND) as stack:
            yield World(stack, doors)


def targets(stack: RunningStack, doors: Mapping[str, int]) -> Targets:
    names = [it["name"] for it in stack.status()["processes"]]
    processes = [it for it in names if it not in PARTS]
    consumers = [it for it in processes if it != "gateway"]
    scalable = [it for it in SERVICES if f"{it}-2" not in processes]
    return Targets(processes, consumers, scalable, sorted(doors), TOPICS)
