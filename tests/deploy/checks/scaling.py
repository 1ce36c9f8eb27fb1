"""How many replicas there are, and on what they depend."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from contracts.topology import PARTITIONS, groups_of, read_by
from tests.deploy.overlays import Document
from tests.deploy.resources import name_of, of_kind, services, title


def within_partitions(documents: list[Document]) -> Iterator[str]:
    """A group with more members than partitions has members without any."""
    for it in services(documents):
        if it["spec"].get("replicas", 1) > PARTITIONS:
            yield f"{title(it)} has more replicas than a topic has partitions"
    for it in of_kind(documents, "ScaledObject"):
        least, most = it["spec"]["minReplicaCount"], it["spec"]["maxReplicaCount"]
        if not 2 <= least <= most <= PARTITIONS:
            yield f"{title(it)} scales from {least} to {most}"


def one_decides(documents: list[Document]) -> Iterator[str]:
    """Where an autoscaler says how many replicas there are, the Deployment does not; and none is left out."""
    scaled = {it["spec"]["scaleTargetRef"]["name"] for it in of_kind(documents, "ScaledObject")}
    for it in services(documents):
        if name_of(it) in scaled and "replicas" in it["spec"]:
            yield f"{title(it)} states replicas, and so each time that it is applied undoes its autoscaler"
    for name in sorted(scaled - {name_of(it) for it in services(documents)}):
        yield f"a ScaledObject scales {name}, which is not there"
    if scaled:
        for it in services(documents):
            if groups_of(name_of(it)) and name_of(it) not in scaled:
                yield f"{title(it)} is not scaled, and others are"


def by_lag(documents: list[Document]) -> Iterator[str]:
    """One trigger for each topic of each consumer group, and one for CPU."""
    for it in of_kind(documents, "ScaledObject"):
        triggers = it["spec"]["triggers"]
        kafka = [one["metadata"] for one in triggers if one["type"] == "kafka"]
        found = sorted((one.get("consumerGroup"), one.get("topic")) for one in kafka)
        wanted = sorted((group, topic) for group in groups_of(name_of(it)) for topic in read_by(group))
        if found != wanted:
            yield f"{title(it)} is scaled by {found}; its groups read {wanted}"
        if [one["type"] for one in triggers].count("cpu") != 1:
            yield f"{title(it)} is not scaled by CPU"
        yield from (f"{title(it)}: {problem}" for one in kafka for problem in _problems(one))
        if "fallback" not in it["spec"]:
            yield f"{title(it)} does not say what holds while the lag is unknown"


def _problems(metadata: dict[str, Any]) -> Iterator[str]:
    if metadata.get("offsetResetPolicy") != "earliest":
        yield "a partition without a committed offset would count as a lag of 1"
    if metadata.get("excludePersistentLag") == "true":
        yield "the lag of a consumer that stands still would not count"


CHECKS = (within_partitions, one_decides, by_lag)
