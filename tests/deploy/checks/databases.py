"""PostgreSQL: clusters, roles, connections and backups."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

from contracts.topology import STACK
from kernel.service.settings import ServiceSettings
from tests.deploy.environments import environment
from tests.deploy.overlays import Document
from tests.deploy.resources import name_of, of_kind, services, strings, title

BESIDE_POOL = 3
"""Connections of a process beside its pool: the relay's two, and one that listens for news."""
FOR_OTHERS = 20
"""Migrations, jobs, the exporter, replication, and those that PostgreSQL keeps for superusers."""
MAX_CONNECTIONS = 100
"""PostgreSQL's own default."""
ASYNCHRONOUS = {"gateway-db"}
"""Of the simulated gateway: a ledger for trials."""


def durable(documents: list[Document]) -> Iterator[str]:
    """A commit is on two machines before it counts: otherwise a failover loses facts that are published."""
    for it in of_kind(documents, "Cluster"):
        if name_of(it) in ASYNCHRONOUS:
            continue
        spec = it["spec"]
        synchronous = spec.get("postgresql", {}).get("synchronous", {})
        if synchronous.get("dataDurability") != "required":
            yield f"{title(it)} confirms commits that a failover loses"
        if not 0 < synchronous.get("number", 0) < spec["instances"] - 1:
            yield f"{title(it)} waits for {synchronous.get('number')} of {spec['instances'] - 1} standbys"
        if not spec["bootstrap"].get("initdb", {"dataChecksums": True}).get("dataChecksums"):
            yield f"{title(it)} does not notice a page that the disk has changed"
        if not any(one.get("isWALArchiver") for one in spec.get("plugins", [])):
            yield f"{title(it)} archives nothing, so that no moment can be restored"
        scheduled = of_kind(documents, "ScheduledBackup")
        backups = [one for one in scheduled if one["spec"]["cluster"]["name"] == name_of(it)]
        if [one["spec"].get("method") for one in backups] != ["plugin"]:
            yield f"{title(it)} has no scheduled backup, or one of a deprecated kind"


def private(documents: list[Document]) -> Iterator[str]:
    """Three roles for each database: its owner, the service, and one to read for callers."""
    names = {f"{it.name}-db": it for it in STACK}
    for it in of_kind(documents, "Cluster"):
        service = names[name_of(it)]
        made = it["spec"]["bootstrap"]
        initdb = made.get("initdb") or made["recovery"]
        if (initdb["database"], initdb["owner"]) != (service.database, f"{service.database}_owner"):
            yield f"{title(it)} is for {initdb['database']} of {initdb['owner']}"
        roles = {one["name"]: one for one in it["spec"]["managed"]["roles"]}
        own, caller = roles.get(service.database, {}), roles.get(service.caller_role, {})
        if own.get("inherit") is not False or own.get("inRoles") != [service.caller_role]:
            yield f"{title(it)}: {service.database} always has all rights of {service.caller_role}"
        if caller.get("login") is not False:
            yield f"{title(it)}: {service.caller_role} may log in, or is missing"
        statements = " ".join(initdb.get("postInitApplicationSQL", []))
        if "initdb" in made and f"REVOKE ALL ON DATABASE {service.database} FROM PUBLIC" not in statements:
            yield f"{title(it)} lets every role into {service.database}"
        if any("superuser" in one and one["superuser"] for one in roles.values()):
            yield f"{title(it)} has a superuser"


def quiet(documents: list[Document]) -> Iterator[str]:
    """No server logs statements or values: they may be personal data."""
    for it in of_kind(documents, "Cluster"):
        given = it["spec"].get("postgresql", {}).get("parameters", {})
        if (given.get("log_error_verbosity"), given.get("log_min_error_statement")) != ("terse", "panic"):
            yield f"{title(it)} logs statements that failed, with their values"


def connections(documents: list[Document]) -> Iterator[str]:
    """All replicas, one more during a rollout, have their connections on every server."""
    pool = ServiceSettings.model_fields["database_connections"].default
    wanted: dict[str, int] = {}
    for service in services(documents):
        given = environment(documents, service)
        server = urlsplit(given.get("FEIRA_DATABASE_URL", "")).hostname or ""
        each = int(given.get("FEIRA_DATABASE_CONNECTIONS", pool)) + BESIDE_POOL
        wanted[server] = wanted.get(server, 0) + each * (_most(service, documents) + 1)
    limits = {f"{name_of(it)}-rw": _limit(it) for it in of_kind(documents, "Cluster")}
    limits |= {name_of(it): _limit(it) for it in of_kind(documents, "StatefulSet")}
    for server, needed in wanted.items():
        if needed + FOR_OTHERS > limits.get(server, 0):
            yield f"{server} allows {limits.get(server, 0)} connections; {needed} and {FOR_OTHERS} are needed"


def _most(service: Document, documents: list[Document]) -> int:
    for it in of_kind(documents, "ScaledObject"):
        if it["spec"]["scaleTargetRef"]["name"] == name_of(service):
            return int(it["spec"]["maxReplicaCount"])
    return int(service["spec"].get("replicas", 1))


def _limit(server: Document) -> int:
    parameters = server["spec"].get("postgresql", {}).get("parameters", {})
    arguments = [it for it in strings(server["spec"]) if it.startswith("max_connections=")]
    stated = parameters.get("max_connections") or "".join(arguments).removeprefix("max_connections=")
    return int(stated or MAX_CONNECTIONS)


def direct(documents: list[Document]) -> Iterator[str]:
    """To the primary, and through no pooler: readers see what was just written, and locks are of sessions."""
    for service in services(documents):
        url = urlsplit(environment(documents, service).get("FEIRA_DATABASE_URL", ""))
        clusters = {f"{name_of(it)}-rw" for it in of_kind(documents, "Cluster")}
        if clusters and url.hostname not in clusters:
            yield f"{title(service)} connects to {url.hostname}, which is no primary"
        if clusters and parse_qs(url.query).get("sslmode") != ["verify-full"]:
            yield f"{title(service)} does not ask its database who it is"
        if url.password or not url.username:
            yield f"{title(service)}: its URL has a password, or no user"


CHECKS = (durable, private, quiet, connections, direct)
