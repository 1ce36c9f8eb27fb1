"""What is left of a service while nodes are emptied, zones fail and releases are rolled out."""

from __future__ import annotations

from collections.abc import Iterator

from contracts.topology import GATEWAY
from tests.deploy.overlays import Document
from tests.deploy.resources import name_of, of_kind, pod_labels, pod_of, selects, services, title

ZONE = "topology.kubernetes.io/zone"


def budgets(documents: list[Document]) -> Iterator[str]:
    """One budget for each service: one pod at a time, and a pod that is not well never blocks a node."""
    there = of_kind(documents, "PodDisruptionBudget")
    for service in services(documents):
        found = [it for it in there if selects(it["spec"]["selector"], pod_labels(service))]
        if len(found) != 1:
            yield f"{title(service)} has {len(found)} disruption budgets"
            continue
        spec = found[0]["spec"]
        if spec.get("maxUnavailable") != 1 or "minAvailable" in spec:
            yield f"{title(found[0])} does not allow exactly one pod to be missing"
        if spec.get("unhealthyPodEvictionPolicy") != "AlwaysAllow":
            yield f"{title(found[0])}: a pod that is not ready would block its node for ever"


def spread(documents: list[Document]) -> Iterator[str]:
    for service in services(documents):
        constraints = pod_of(service).get("topologySpreadConstraints", [])
        if ZONE not in {it["topologyKey"] for it in constraints}:
            yield f"{title(service)} is not spread over zones"
        for it in constraints:
            if not selects(it["labelSelector"], pod_labels(service)):
                yield f"{title(service)}: its spread over {it['topologyKey']} counts other pods"
            if "pod-template-hash" not in it.get("matchLabelKeys", []):
                yield f"{title(service)}: its spread over {it['topologyKey']} counts the release before, too"


def rolled_out(documents: list[Document]) -> Iterator[str]:
    """A new pod is ready before an old one ends."""
    for service in services(documents):
        if name_of(service) == GATEWAY.name:
            continue  # the simulated one is a single process
        strategy = service["spec"].get("strategy", {})
        if strategy.get("rollingUpdate") != {"maxSurge": 1, "maxUnavailable": 0}:
            yield f"{title(service)} is rolled out with {strategy}"


CHECKS = (budgets, spread, rolled_out)
