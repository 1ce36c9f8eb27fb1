"""The stack under test: plain, or with a proxy before each dependency of each service."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from contracts.topology import PUBLISHERS, SERVICE_NAMES, USED_TOPICS, WORKERS
from devstack import ports
from tests.proofs import up_without_backoff
from tests.proofs.chaos.faults.clock import SESSION
from tests.proofs.chaos.faults.world import World, customers_proxy
from tests.proofs.chaos.plan import Targets
from tests.proofs.chaos.proxied_stack import COMMAND, LISTENERS, PROXIES
from tests.proofs.chaos.proxies import open_proxies
from tests.proofs.verdict import say
from tests.support.small_disk import CannotMount, small_disk
from tests.support.stack import running_stack

PARTS = {"postgres", "kafka"}
MEGABYTES = 1_500
USUAL = {
    "FEIRA_GATEWAY_DOWN_SECONDS": "10",
    # names of carts that have ended are deleted at once
    "FEIRA_RETENTION_SECONDS": "2",
    "FEIRA_CART_NAME_DAYS": "0",
}


@contextmanager
def plain(home: Path, replicas: str) -> Iterator[World]:
    """For kills alone. Restarts have no growing pauses: a service killed every 20 s would hardly run."""
    with running_stack(home, {**USUAL, "FEIRA_REPLICAS": replicas}, up_without_backoff.COMMAND) as stack:
        yield World(stack)


@contextmanager
def _own_disk(home: Path) -> Iterator[Path | None]:
    """A disk for the home, if this user may mount one. Only the logs are kept after the run."""
    try:
        with small_disk(home, MEGABYTES):
            try:
                yield home
            finally:
                shutil.copytree(home / "logs", home.with_name("logs"), dirs_exist_ok=True)
    except CannotMount as why:
        say(f"NOT TESTED: a full disk, because none can be mounted ({why})")
        yield None


@contextmanager
def behind_proxies(home: Path, replicas: str) -> Iterator[World]:
    with _own_disk(home) as disk, _behind_proxies(home, replicas) as world:
        world.disk = disk
        yield world


@contextmanager
def _behind_proxies(home: Path, replicas: str) -> Iterator[World]:
    at = _free_ports(("postgres", "kafka", "gateway", *SERVICE_NAMES))
    # Kafka has a listener for each service, because it advertises addresses to its clients
    listeners = _free_ports(SERVICE_NAMES, taken=at.values())
    targets = {f"{it}-postgres": at["postgres"] for it in SERVICE_NAMES}
    targets |= {f"{it}-kafka": port for it, port in listeners.items()}
    targets["checkout-saga-gateway"] = at["gateway"]
    targets |= {customers_proxy(it): at[it] for it in PUBLISHERS}  # customers do not use the read models
    with open_proxies(targets, taken=[*at.values(), *listeners.values()]) as proxies:
        settings = {
            **{ports.setting_of(name): str(port) for name, port in at.items()},
            PROXIES: json.dumps(dict(proxies.port)),
            LISTENERS: json.dumps(listeners),
            "FEIRA_REPLICAS": replicas,
        }
        with running_stack(home, {**USUAL, **SESSION, **settings}, COMMAND) as stack:
            yield World(stack, proxies)


def _free_ports(names: Iterable[str], taken: Iterable[int] = ()) -> dict[str, int]:
    found: dict[str, int] = {}
    for name in names:
        found[name] = ports.free(excluding=(*taken, *found.values()))
    return found


def targets(world: World) -> Targets:
    proxies = world.proxies.port if world.proxies else {}
    disks = ("disk",) if world.disk else ()
    names = [it["name"] for it in world.stack.status()["processes"]]
    processes = [it for it in names if it not in PARTS]
    others = {"gateway", *(it.name for it in WORKERS)}
    consumers = [it for it in processes if it not in others]
    scalable = [it for it in SERVICE_NAMES if f"{it}-2" not in processes]
    return Targets(processes, consumers, scalable, sorted(proxies), USED_TOPICS, disks)
