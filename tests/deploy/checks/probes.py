"""How Kubernetes asks whether a process is well, and how it ends it."""

from __future__ import annotations

from collections.abc import Iterator

from tests.deploy.environments import environment
from tests.deploy.overlays import Document
from tests.deploy.resources import containers, name_of, pod_of, services, title

PATHS = {"startupProbe": "/livez", "livenessProbe": "/livez", "readinessProbe": "/readyz"}
"""/readyz may wait for a rebuild of read models for hours: asked at the start, it would end the rebuild."""
READYZ_SECONDS = 3
"""For which ``/readyz`` waits at most."""
DATABASE_SECONDS = 60
"""For which a service waits for its database as it starts."""
HANG_SECONDS = 30 + 30
"""A database that hangs holds a loop for 30 s; then /livez takes the loop for dead after 30 s more."""
STOP_SECONDS = 15
"""In which a process ends after SIGTERM: requests in progress, loops, connections."""
REBUILD_SECONDS = 86_400


def asked(documents: list[Document]) -> Iterator[str]:
    """Each service answers all three probes, at a port that it has, with the patience that it needs."""
    for service in services(documents):
        for container in containers(service):
            ports = {it["name"] for it in container["ports"]}
            for kind, path in PATHS.items():
                probe = container.get(kind)
                if not probe:
                    yield f"{title(service)} has no {kind}"
                    continue
                get = probe.get("httpGet", {})
                if get.get("path") != path:
                    yield f"{title(service)}: its {kind} asks {get.get('path')}, not {path}"
                if get.get("port") != "admin" or "admin" not in ports:
                    yield f"{title(service)}: its {kind} asks the port {get.get('port')} of {sorted(ports)}"
                if probe.get("timeoutSeconds", 1) <= READYZ_SECONDS:
                    yield f"{title(service)}: its {kind} is less patient than /readyz"


def patient(documents: list[Document]) -> Iterator[str]:
    """Nothing is restarted because its database is late or hangs."""
    for service in services(documents):
        for container in containers(service):
            for kind, least in (("startupProbe", DATABASE_SECONDS), ("livenessProbe", HANG_SECONDS)):
                probe = container.get(kind, {})
                seconds = probe.get("failureThreshold", 3) * probe.get("periodSeconds", 10)
                if seconds < least:
                    yield f"{title(service)}: its {kind} fails after {seconds} s; {least} s are normal"
        deadline = service["spec"].get("progressDeadlineSeconds", 600)
        if name_of(service) == "projections" and deadline < REBUILD_SECONDS:
            yield f"{title(service)} counts as failed after {deadline} s, and a rebuild may take a day"


def ended(documents: list[Document]) -> Iterator[str]:
    """Requests still arrive while a pod ends: it waits first, and has the time for the rest."""
    for service in services(documents):
        pod = pod_of(service)
        for container in pod["containers"]:
            pause = container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
            if pause < 5:
                yield f"{title(service)} does not wait before it stops"
            drained = float(environment(documents, service).get("FEIRA_DRAIN_SECONDS", 0))
            if pod.get("terminationGracePeriodSeconds", 30) < pause + drained + STOP_SECONDS:
                yield f"{title(service)} is killed before it can end"


CHECKS = (asked, patient, ended)
