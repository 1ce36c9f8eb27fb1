"""Several replicas of each service behind load balancers, from this tree or from that of an older release."""

from __future__ import annotations

import asyncio
import base64
import json
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from contracts.topology import GATEWAY, STACK, Service
from devstack import databases, ports, probes
from devstack.databases import Database
from devstack.environment import inherited
from devstack.process import Process
from devstack.program import Program
from devstack.task import run_to_end
from tests.support.load_balancer import HOST, LoadBalancer, Replica, balancing
from tests.support.parts import Parts, running_parts

READY_WITHIN = 120.0
DRAIN_SECONDS = 2.0
NOTICED_SECONDS = 1.0
"""After which a load balancer's last connection to a replica that it has lost is established."""
SECRETS = {
    "FEIRA_GATEWAY_SECRET": "for-this-proof-alone",
    "FEIRA_MASTER_KEY": base64.b64encode(b"k" * 32).decode(),
}


@dataclass(frozen=True)
class Tree:
    """Source code of a release, and whether its processes drain by themselves."""

    root: Path
    name: str
    drains: bool = True
    settings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Of its processes, by the name of the service."""

    @property
    def path(self) -> str:
        folders = (*self.root.glob("services/*/src"), *self.root.glob("shared/*/src"))
        return ":".join(str(it) for it in sorted(folders))


@dataclass
class Running:
    service: Service
    tree: Tree
    process: Process
    replica: Replica


@dataclass
class Fleet:
    """The processes of all services. ``urls``: by service, of the load balancers."""

    home: Path
    parts: Parts
    databases: Mapping[str, Database]
    urls: Mapping[str, str]
    balancers: Mapping[str, LoadBalancer]
    running: list[Running] = field(default_factory=list)
    started: int = 0
    taken: set[int] = field(default_factory=set)
    """The ports of this proof: a process that has one may not listen yet."""

    def _port(self) -> int:
        found = ports.free(excluding=self.taken)
        self.taken.add(found)
        return found

    async def migrate(self, tree: Tree) -> None:
        for service in STACK:
            own = {"FEIRA_MIGRATION_URL": self.databases[service.name].owner_url}
            command = (sys.executable, "-m", service.module, "migrate")
            name = f"migrate-{service.name}-{tree.name}"
            await run_to_end(name, command, {**_machine(tree), **own}, self.home)

    async def start(self, service: Service, tree: Tree) -> Running:
        """Start one more replica, and return once it is ready and behind the load balancer."""
        self.started += 1
        replica = Replica(self._port(), self._port())
        own_name = f"{service.name}-{tree.name}-{self.started}"
        settings = {
            **_machine(tree),
            **{it: value for it, value in SECRETS.items() if it in service.needs},
            **(
                {"FEIRA_GATEWAY_URL": self.urls[GATEWAY.name]} if "FEIRA_GATEWAY_URL" in service.needs else {}
            ),
            "FEIRA_ENV": "test",
            "FEIRA_PORT": str(replica.port),
            "FEIRA_ADMIN_PORT": str(replica.admin_port),
            "FEIRA_DRAIN_SECONDS": str(DRAIN_SECONDS),
            "FEIRA_INSTANCE": own_name,
            "FEIRA_DATABASE_URL": self.databases[service.name].service_url,
            "FEIRA_KAFKA_BOOTSTRAP": self.parts.kafka_bootstrap,
            "FEIRA_LOG_LEVEL": "warning",
            **tree.settings.get(service.name, {}),
        }
        program = Program(
            own_name,
            (sys.executable, "-m", service.module),
            self.urls[service.name],
            lambda: probes.is_ready(replica.admin_port),
            environment=settings,
            stop_timeout=DRAIN_SECONDS + 15.0,
        )
        found = Running(service, tree, Process(program, self.home), replica)
        found.process.start()
        self.running.append(found)
        await found.process.until_ready(READY_WITHIN)
        await self.balancers[service.name].add(replica)
        return found

    async def stop(self, old: Running) -> None:
        """End a replica with SIGTERM. One that does not drain is taken from the load balancer before."""
        balancer = self.balancers[old.service.name]
        if not old.tree.drains:
            balancer.remove(old.replica)
            await asyncio.sleep(NOTICED_SECONDS)
        await old.process.stop()
        if old.tree.drains:
            balancer.remove(old.replica)
        self.running.remove(old)

    async def verify(self) -> list[str]:
        """The violations that `feira verify` finds."""
        addresses = self.home / "addresses.json"
        content = {
            "urls": dict(self.urls),
            "databases": {name: it.superuser_url for name, it in self.databases.items()},
            "postgres": self.parts.postgres_superuser_url,
            "kafka": self.parts.kafka_bootstrap,
        }
        addresses.write_text(json.dumps(content))
        program = str(Path(sys.executable).with_name("feira"))
        process = await asyncio.create_subprocess_exec(
            *(program, "verify", "--json"),
            env={**inherited(), "FEIRA_ADDRESSES": str(addresses)},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        output, errors = await process.communicate()
        return [] if process.returncode == 0 else [(output or errors).decode()[-2000:]]


def _machine(tree: Tree) -> dict[str, str]:
    return {**inherited(), "PYTHONPATH": tree.path}


@asynccontextmanager
async def fleet(home: Path) -> AsyncIterator[Fleet]:
    """Servers, databases and load balancers without a process of a service; all that is started in the block
    is stopped at its end."""
    async with AsyncExitStack() as stack:
        parts = await stack.enter_async_context(running_parts(home))
        described = {
            it.name: databases.describe(it.database, parts.postgres_superuser_url, lambda role: f"of-{role}")
            for it in STACK
        }
        await databases.create(list(described.values()), parts.postgres_superuser_url)
        taken: set[int] = set()
        for _ in STACK:
            taken.add(ports.free(excluding=taken))
        addresses = {it.name: port for it, port in zip(STACK, taken, strict=True)}
        balancers = {
            name: await stack.enter_async_context(balancing(port)) for name, port in addresses.items()
        }
        urls = {name: f"http://{HOST}:{port}" for name, port in addresses.items()}
        found = Fleet(home, parts, described, urls, balancers, taken=taken)
        try:
            yield found
        finally:
            await asyncio.gather(*(it.process.stop() for it in found.running))
