"""Services, the pods behind them, and the Deployments that make these."""

from __future__ import annotations

from collections.abc import Iterator

from tests.deploy.environments import environment
from tests.deploy.overlays import Document
from tests.deploy.resources import containers, of_kind, pod_labels, selects, services, title, workloads


def selected(documents: list[Document]) -> Iterator[str]:
    """A Service selects the pods of one Deployment or StatefulSet: a Job's pod would get requests, too."""
    for service in of_kind(documents, "Service"):
        wanted = {"matchLabels": service["spec"]["selector"]}
        found = [it for it in workloads(documents) if selects(wanted, pod_labels(it))]
        if len(found) != 1 or found[0]["kind"] not in {"Deployment", "StatefulSet"}:
            yield f"{title(service)} selects the pods of {[title(it) for it in found]}"
            continue
        names = {port["name"] for it in containers(found[0]) for port in it.get("ports", [])}
        for port in service["spec"]["ports"]:
            if port.get("targetPort") not in names:
                yield f"{title(service)} leads to the port {port.get('targetPort')} of {sorted(names)}"


def owned(documents: list[Document]) -> Iterator[str]:
    """A Deployment selects its own pods, and no other does."""
    makers = of_kind(documents, "Deployment", "StatefulSet")
    for maker in makers:
        found = [it for it in workloads(documents) if selects(maker["spec"]["selector"], pod_labels(it))]
        if [title(it) for it in found] != [title(maker)]:
            yield f"{title(maker)} selects the pods of {[title(it) for it in found]}"


def listened(documents: list[Document]) -> Iterator[str]:
    """The ports that a process listens on are those that the container names, on all addresses."""
    for service in services(documents):
        ports = {it["name"]: str(it["containerPort"]) for one in containers(service) for it in one["ports"]}
        given = environment(documents, service)
        for name, port, host in (
            ("http", "FEIRA_PORT", "FEIRA_HOST"),
            ("admin", "FEIRA_ADMIN_PORT", "FEIRA_ADMIN_HOST"),
        ):
            if given.get(port) != ports.get(name):
                yield f"{title(service)}: {port} is {given.get(port)}, its port {name} {ports.get(name)}"
            if given.get(host) not in {"0.0.0.0", "::"}:  # noqa: S104  # that is what a pod has to do
                yield f"{title(service)} listens on {given.get(host)}, where nothing arrives"


CHECKS = (selected, owned, listened)
