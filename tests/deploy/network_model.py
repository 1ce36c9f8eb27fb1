"""Who may reach whom under the network policies of an overlay.

The model follows the rules of Kubernetes: a pod that no policy selects for a direction is open in it, a pod
that some select is open to the union of what they allow, and a connection needs the consent of both ends.
Beside the pods of the documents there are those that operators make from them, and some of other namespaces.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import Any

from tests.deploy.overlays import Document
from tests.deploy.resources import containers, name_of, of_kind, pod_labels, selects, workloads

NAMESPACE = "feira"
RELEASE = re.compile(r"-\d+-\d+-\d+$")
"""At the end of a Job's name."""


@dataclass(frozen=True)
class Peer:
    """A pod, or an address outside of the cluster, which has no labels and no policies."""

    name: str
    namespace: str = NAMESPACE
    labels: Mapping[str, str] = field(default_factory=dict)
    ports: Mapping[str, int] = field(default_factory=dict)
    """By name."""
    address: str = ""


OTHERS = (
    Peer("dns", "kube-system", {"k8s-app": "kube-dns"}, {"dns": 53}),
    Peer("ingress", "ingress"),
    Peer("prometheus", "monitoring", {}, {"otlp": 4318}),
    Peer("strimzi", "strimzi", {"strimzi.io/kind": "cluster-operator"}),
    Peer("cloudnative-pg", "cnpg-system"),
    Peer("keda", "keda", {"app": "keda-operator"}),
    Peer("a stranger", "default", {"app.kubernetes.io/name": "cart"}, {"http": 8080}),
    Peer("the internet", "", {}, {"https": 443, "smtp": 25}, "203.0.113.7"),
    Peer("the cloud's metadata", "", {}, {"http": 80, "https": 443}, "169.254.169.254"),
    Peer("the API server", "", {}, {"https": 6443}, "10.0.0.1"),
)


def peers(documents: list[Document]) -> list[Peer]:
    return [*_own(documents), *_of_operators(documents), *OTHERS]


def _own(documents: list[Document]) -> Iterator[Peer]:
    for it in workloads(documents):
        ports = {
            port["name"]: port["containerPort"] for one in containers(it) for port in one.get("ports", [])
        }
        yield Peer(RELEASE.sub("", name_of(it)), labels=pod_labels(it), ports=ports)


def _of_operators(documents: list[Document]) -> Iterator[Peer]:
    for it in of_kind(documents, "Cluster"):
        labels = {"cnpg.io/cluster": name_of(it), "cnpg.io/podRole": "instance"}
        yield Peer(name_of(it), labels=labels, ports={"postgresql": 5432, "status": 8000, "metrics": 9187})
    for it in of_kind(documents, "Kafka"):
        listeners = {one["name"]: one["port"] for one in it["spec"]["kafka"]["listeners"]}
        ports = {**listeners, "control": 9090, "replication": 9091, "agent": 8443}
        for part, known in (("kafka", ports), ("entity-operator", {})):
            name = f"{name_of(it)}-{part}"
            yield Peer(name, labels={"strimzi.io/cluster": name_of(it), "strimzi.io/name": name}, ports=known)
    for it in of_kind(documents, "OpenTelemetryCollector"):
        name = f"{name_of(it)}-collector"
        yield Peer(name, labels={"app.kubernetes.io/name": name}, ports={"otlp": 4318})


def reachable(documents: list[Document]) -> dict[str, set[str]]:
    """Name of a peer -> what it may open connections to, as ``name:port``."""
    policies = of_kind(documents, "NetworkPolicy")
    there = peers(documents)
    return {
        source.name: {
            f"{target.name}:{port}"
            for target in there
            for port in target.ports.values()
            if _is_inside(source, target) and _may(source, target, port, policies)
        }
        for source in there
    }


def _is_inside(source: Peer, target: Peer) -> bool:
    """Whether the connection touches the namespace: what others do among themselves is not decided here."""
    return NAMESPACE in {source.namespace, target.namespace}


def _may(source: Peer, target: Peer, port: int, policies: list[Document]) -> bool:
    out = _allowed(source, target, target, port, policies, ("Egress", "egress", "to"))
    into = _allowed(target, source, target, port, policies, ("Ingress", "ingress", "from"))
    return out and into


def _allowed(
    subject: Peer, other: Peer, target: Peer, port: int, policies: list[Document], words: tuple[str, str, str]
) -> bool:
    direction, rules, peers_of = words
    mine = [
        it["spec"]
        for it in policies
        if subject.namespace == it["metadata"].get("namespace")
        and direction in it["spec"]["policyTypes"]
        and selects(it["spec"]["podSelector"], subject.labels)
    ]
    if not mine:
        return True
    return any(
        _is_meant(other, rule.get(peers_of)) and _has_port(target, port, rule.get("ports"))
        for spec in mine
        for rule in spec.get(rules, [])
    )


def _is_meant(peer: Peer, listed: list[dict[str, Any]] | None) -> bool:
    if not listed:
        return True
    return any(_fits(peer, it) for it in listed)


def _fits(peer: Peer, wanted: dict[str, Any]) -> bool:
    if block := wanted.get("ipBlock"):
        if not peer.address:
            return False
        address = ip_address(peer.address)
        inside = address in ip_network(block["cidr"])
        return inside and not any(address in ip_network(it) for it in block.get("except", []))
    if peer.address:
        return False
    if "namespaceSelector" in wanted:
        if not selects(wanted["namespaceSelector"], {"kubernetes.io/metadata.name": peer.namespace}):
            return False
    elif peer.namespace != NAMESPACE:
        return False
    return "podSelector" not in wanted or selects(wanted["podSelector"], peer.labels)


def _has_port(target: Peer, port: int, listed: list[dict[str, Any]] | None) -> bool:
    if not listed:
        return True
    return any(
        it["port"] in (port, *(name for name, of in target.ports.items() if of == port)) for it in listed
    )
