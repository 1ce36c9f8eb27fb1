"""Kafka: topics, users and what keeps records from being lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TypeAlias

from contracts.kafka_access import KAFKA_USERS
from contracts.topology import TOPICS
from tests.deploy.overlays import Document
from tests.deploy.resources import name_of, of_kind, title

AUTOSCALER = "autoscaler"
"""The user of one component, and not of Feira's programs."""
Permission: TypeAlias = tuple[str, str, str]
"""Kind of resource, its name, and an operation."""


def topics(documents: list[Document]) -> Iterator[str]:
    """Those of the topology, with their partitions and retention, in three copies of which two are enough."""
    there = of_kind(documents, "KafkaTopic")
    if not there:
        return
    found = {name_of(it): _seen(it) for it in there}
    for topic in TOPICS:
        kept = -1 if topic.retention is None else topic.retention // timedelta(milliseconds=1)
        wanted = (topic.partitions, 3, kept, 2, "uncompressed")
        if found.pop(topic.name, None) != wanted:
            yield f"KafkaTopic/{topic.name} is not as the topology has it: {wanted}"
    yield from (f"KafkaTopic/{name} is in no topology" for name in found)


def _seen(topic: Document) -> tuple[object, ...]:
    spec, config = topic["spec"], topic["spec"]["config"]
    return (
        spec.get("partitions"),
        spec.get("replicas"),
        config.get("retention.ms"),
        config.get("min.insync.replicas"),
        config.get("compression.type"),
    )


def users(documents: list[Document]) -> Iterator[str]:
    """Each may do what the code does, and no more."""
    there = {name_of(it): it for it in of_kind(documents, "KafkaUser")}
    if not there:
        return
    wanted: dict[str, set[Permission]] = {
        user.name: {(acl.resource, acl.name, operation) for acl in user.acls for operation in acl.operations}
        for user in KAFKA_USERS
    }
    if AUTOSCALER in there:
        wanted[AUTOSCALER] = _asked_by_autoscaler(documents)
    for name in sorted(wanted.keys() | there.keys()):
        if name not in there or name not in wanted:
            yield f"KafkaUser/{name} is {'missing' if name not in there else 'unknown'}"
        elif (found := _permissions(there[name])) != wanted[name]:
            yield f"KafkaUser/{name}: {sorted(found ^ wanted[name])} are too many or missing"


def _permissions(user: Document) -> set[Permission]:
    return {
        (acl["resource"]["type"], acl["resource"]["name"], operation)
        for acl in user["spec"]["authorization"]["acls"]
        if acl["resource"]["patternType"] == "literal"
        for operation in acl["operations"]
    }


def _asked_by_autoscaler(documents: list[Document]) -> set[Permission]:
    triggers = [it for one in of_kind(documents, "ScaledObject") for it in one["spec"]["triggers"]]
    asked = [it["metadata"] for it in triggers if it["type"] == "kafka"]
    return {("topic", it["topic"], "Describe") for it in asked} | {
        ("group", it["consumerGroup"], "Describe") for it in asked
    }


def broker(documents: list[Document]) -> Iterator[str]:
    """Users are asked who they are over TLS, and no record that was acknowledged is lost."""
    for it in of_kind(documents, "Kafka"):
        kafka = it["spec"]["kafka"]
        for listener in kafka["listeners"]:
            if not listener["tls"] or listener.get("authentication", {}).get("type") != "scram-sha-512":
                yield f"{title(it)}: clients need not prove who they are at the listener {listener['name']}"
            if not listener.get("networkPolicyPeers"):
                yield f"{title(it)}: Strimzi opens the listener {listener['name']} to every pod"
        if kafka.get("authorization", {}).get("type") != "simple":
            yield f"{title(it)}: every user may do everything"
        config = kafka["config"]
        for name, wanted in (
            ("auto.create.topics.enable", "false"),
            ("unclean.leader.election.enable", "false"),
            ("min.insync.replicas", 2),
            ("default.replication.factor", 3),
        ):
            if config.get(name) != wanted:
                yield f"{title(it)}: {name} is {config.get(name)}"
    for it in of_kind(documents, "Kafka", "KafkaNodePool", "KafkaTopic"):
        if "Prune=false" not in it["metadata"].get("annotations", {}).get(
            "argocd.argoproj.io/sync-options", ""
        ):
            yield f"{title(it)} would be deleted with its data once it is left out of the manifests"


CHECKS = (topics, users, broker)
