"""One stack: the order in which its parts start and stop, and the settings they get."""

import os
import sys
from typing import Any

import psutil

from cli.process_identity import started_at
from contracts.topology import CHECKOUT, PROJECTIONS, WORKERS, Worker
from devstack import databases, ports, probes, simulated_providers
from devstack.backing_services import BackingServices, new_password
from devstack.databases import Database
from devstack.environment import declared_variables, inherited, tracing_variables
from devstack.process_group import ProcessGroup, run_concurrently
from devstack.program import Program
from devstack.report import Report
from devstack.services import (
    GATEWAY,
    MIGRATION,
    Service,
    environment_of,
    new_secret,
    url_of,
    worker_environment_of,
)
from devstack.settings import Settings
from devstack.stale_processes import MARKER
from devstack.state_dir import StateDir
from devstack.state_file import StateFile
from devstack.task import run_to_end

SERVICE_READY_TIMEOUT_SECONDS = 120.0


class Stack:
    """PostgreSQL, Kafka and the services, supervised, in one state directory."""

    def __init__(
        self, settings: Settings, home: StateDir, services: tuple[Service, ...], report: Report
    ) -> None:
        self._settings = settings
        self._home = home
        own_gateway = settings.gateway_url is None
        self._services = tuple(it for it in services if own_gateway or it.name != GATEWAY)
        names = {it.name for it in self._services}
        self._workers = tuple(it for it in WORKERS if it.service.name in names)
        self._report = report
        self._phase = "starting"
        self._state_file = StateFile(home, self.describe)
        self._group = ProcessGroup(home, self._state_file.write)
        self._backing = BackingServices(settings, home, self._group, report)
        self._ports: dict[str, int] = {}
        self._databases: dict[str, Database] = {}
        self._postgres_url: str | None = None
        self._kafka_address = ""
        self._of_providers: dict[str, str] = {}
        """Settings of the checkout service: where the simulated providers are."""

    async def start(self) -> None:
        """Start everything, and return once all processes are ready. Raises ``StackError``."""
        await self.start_backing_services()
        if names := self._settings.simulated_providers:
            with self._report.phase(f"simulated {', '.join(names)}"):
                await self._start_providers(names)
        with self._report.phase(f"{len(self._services)} services"):
            programs = [it for service in self._services for it in self._replicas_of(service)]
            programs += map(self._worker_program, self._workers)
            await run_concurrently(
                self._group.start(program, SERVICE_READY_TIMEOUT_SECONDS) for program in programs
            )
        self._phase = "ready"
        self._state_file.write()

    async def start_backing_services(self) -> None:
        """Start PostgreSQL and Kafka, with migrated databases and all topics. Raises ``StackError``."""
        parts = [*(service.name for service in self._services), *self._settings.simulated_providers]
        parts += [worker.name for worker in self._workers]
        parts += ["kafka"] if self._settings.runs_kafka else []
        parts += ["postgres"] if self._settings.runs_postgres else []
        self._ports = ports.allocate(parts, self._settings.environment)
        self._kafka_address = self._settings.kafka
        if self._settings.runs_kafka:
            self._kafka_address = ports.address_of(self._ports["kafka"])
        self._state_file.write()
        await run_concurrently(
            [self._bring_up_databases(), self._backing.start_kafka(self._kafka_address, self._ports)]
        )

    @property
    def kafka_address(self) -> str:
        return self._kafka_address

    def database_url(self, service: str) -> str:
        """The URL of the service's own role."""
        return self._databases[service].service_url

    async def stop(self) -> None:
        self._phase = "stopping"
        self._state_file.write()
        await self._group.stop()
        await self._backing.stop()
        self._state_file.remove()

    def kill(self) -> None:
        self._group.kill()

    async def _bring_up_databases(self) -> None:
        self._postgres_url = url = await self._backing.start_postgres(self._ports)
        for service in self._services:
            self._databases[service.name] = databases.describe(service.database, url, self._password)
        all_databases = list(self._databases.values())
        with self._report.phase("databases and roles"):
            await databases.create(all_databases, url)
            if self._settings.runs_postgres:
                await databases.close_maintenance(url)
        with self._report.phase("migrations"):
            await run_concurrently(self._migrate(service) for service in self._services)
        if self._settings.stage != "production":
            await run_concurrently(databases.insert_demo_keys(database) for database in all_databases)
            if PROJECTIONS.name in self._databases:
                await databases.ensure_analysts(url, self._password)

    def _password(self, role: str) -> str:
        return self._home.secret(role, new_password)

    async def _migrate(self, service: Service) -> None:
        """Run the migrations as the database's owner; serving processes do not get that URL."""
        own = {
            "FEIRA_MIGRATION_URL": self._databases[service.name].owner_url,
            "FEIRA_INSTANCE": f"{service.name}-migrate",
        }
        settings = self._declared_settings(service, MIGRATION) | own
        await run_to_end(f"migrate-{service.name}", (*service.command, "migrate"), settings, self._home.path)

    async def _start_providers(self, names: tuple[str, ...]) -> None:
        programs = [simulated_providers.program_of(it, self._ports[it], self._home) for it in names]
        await run_concurrently(self._group.start(it, SERVICE_READY_TIMEOUT_SECONDS) for it in programs)
        self._of_providers = await simulated_providers.connection_settings(names, self._ports, self._home)

    def _replicas_of(self, service: Service) -> list[Program]:
        count = self._settings.replicas.get(service.name, 1)
        return [self._program(service, number, shared=count > 1) for number in range(1, count + 1)]

    def _program(self, service: Service, number: int, *, shared: bool) -> Program:
        """One process of a service. Replicas share the service's port, and each has an admin port of its
        own."""
        name = service.name if number == 1 else f"{service.name}-{number}"
        port = ports.free(excluding=self._ports.values()) if shared else self._ports[service.name]
        settings = {**self._environment_of(service), **self._identity(name)}
        if shared:
            self._ports[f"{name}:admin"] = port
            settings |= {"FEIRA_REUSE_PORT": "1", "FEIRA_ADMIN_PORT": str(port)}
        return Program(
            name=name,
            command=service.command,
            environment=settings,
            url=url_of(port),
            ready=lambda: probes.is_ready(port),
            is_live=lambda: probes.is_live(port),
            log_bytes=None,
        )

    def _worker_program(self, worker: Worker) -> Program:
        own = worker_environment_of(
            worker,
            self._databases[worker.service.name],
            self._ports,
            self._settings.stage,
            self._secret("link_key"),
        )
        port = self._ports[worker.name]
        return Program(
            name=worker.name,
            command=(sys.executable, "-m", worker.module),
            environment={**self._declared(worker.settings), **own, **self._identity(worker.name)},
            url=url_of(port),
            ready=lambda: probes.is_ready(port),
            is_live=lambda: probes.is_live(port),
            log_bytes=None,
        )

    def _environment_of(self, service: Service) -> dict[str, str]:
        own = environment_of(
            service,
            self._databases[service.name],
            self._ports,
            kafka=self._kafka_address,
            stage=self._settings.stage,
            gateway_url=self._settings.gateway_url or url_of(self._ports[GATEWAY]),
            clock_urls=",".join(f"{it.name}={url_of(self._ports[it.name])}" for it in self._services),
            secret=self._secret,
        )
        declared = self._declared_settings(service, service.settings)
        if service.name == CHECKOUT.name:
            own |= self._of_providers
        return {**declared, **own}

    def _identity(self, name: str) -> dict[str, str]:
        """The settings by which a process is known, and ends with this one."""
        return {
            "FEIRA_INSTANCE": name,
            "FEIRA_LOG_FILE": str(self._home.logs / f"{name}.log"),
            "FEIRA_SUPERVISOR_PID": str(os.getpid()),
        }

    def _declared_settings(self, service: Service, settings: str) -> dict[str, str]:
        return self._declared(settings, service.extra_variables)

    def _declared(self, settings: str, extra_variables: frozenset[str] = frozenset()) -> dict[str, str]:
        """What is set of a class of settings (``module:Class``)."""
        environment = self._settings.environment
        names = declared_variables(settings) | extra_variables | tracing_variables(environment)
        return {**inherited(names, environment), MARKER: str(self._home.path)}

    def _secret(self, name: str) -> str:
        """The secret from the environment, or else a generated one that the state directory keeps."""
        given = self._settings.environment.get(f"FEIRA_{name.upper()}")
        return given or self._home.secret(name, new_secret)

    def describe(self) -> dict[str, Any]:
        """Content of the state file, which other processes read without asking this one."""
        state = self._phase
        if state == "ready" and not self._group.is_ready():
            state = "degraded"
        return {
            "state": state,
            "supervisor": {"pid": os.getpid(), "started_at": started_at(psutil.Process())},
            "processes": self._group.describe(),
            "urls": {
                it.name: url_of(self._ports[it.name]) for it in self._services if it.name in self._ports
            },
            "kafka": self._kafka_address or None,
            "postgres": self._postgres_url,
            "databases": {name: it.superuser_url for name, it in self._databases.items()},
        }
