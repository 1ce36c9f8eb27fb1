"""Who may do what on the broker: one Kafka user for each service and one for operators.

A well-formed fact is believed by its readers, so who may write to a topic decides whether data are correct.
Whatever is not listed here has to be refused by the broker. Transactional ids are not used, and an idempotent
producer needs no permission beside Write. Plain data, no input or output.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from contracts.topology import SERVICES, TOPIC_NAMES, groups_of, read_by, sent_by

Resource: TypeAlias = Literal["topic", "group"]
Operation: TypeAlias = Literal["Describe", "Read", "Write"]

READS: tuple[Operation, ...] = ("Describe", "Read")
WRITES: tuple[Operation, ...] = ("Describe", "Read", "Write")
"""A relay also reads its own topics: how far they reach, and their records after a restore of its log."""


@dataclass(frozen=True, slots=True)
class Acl:
    """Operations that are allowed, from every host, on the resource of exactly this name."""

    resource: Resource
    name: str
    operations: tuple[Operation, ...]


@dataclass(frozen=True, slots=True)
class KafkaUser:
    name: str
    acls: tuple[Acl, ...]


def _service(name: str) -> KafkaUser:
    groups, sent = groups_of(name), sent_by(name)
    received = {topic for group in groups for topic in read_by(group)} - {*sent}
    return KafkaUser(
        name,
        (
            *(Acl("topic", it, WRITES) for it in sent),
            *(Acl("topic", it, READS) for it in sorted(received)),
            *(Acl("group", it, READS) for it in groups),
        ),
    )


OPERATOR = KafkaUser("operator", tuple(Acl("topic", it, READS) for it in TOPIC_NAMES))
"""For `feira verify` and `feira events tail`: reads every topic, writes to none, and is in no group."""
KAFKA_USERS = (*(_service(it.name) for it in SERVICES), OPERATOR)
