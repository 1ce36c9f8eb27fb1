"""The rights of Kafka's users as commands of `kafka-acls`, and their creation on a broker."""

import shlex
from collections.abc import Iterator

from cli.topics import admin_client
from contracts.kafka_access import KAFKA_USERS, Acl, KafkaUser
from kernel.messaging.connection import KafkaConnection


async def create_all(kafka: KafkaConnection) -> int:
    """Create them, as a user who may. Returns how many there are; those that exist stay. Raises ``OSError``
    or ``KafkaError``."""
    created = 0
    async with admin_client(kafka) as admin:
        for user in KAFKA_USERS:
            for acl in user.acls:
                for operation in acl.operations:
                    await admin.allow(user.name, acl.resource, acl.name, operation)
                    created += 1
    return created


def commands(bootstrap: str) -> Iterator[str]:
    """One line for each user and resource."""
    for user in KAFKA_USERS:
        for acl in user.acls:
            yield shlex.join(_command(bootstrap, user, acl))


def _command(bootstrap: str, user: KafkaUser, acl: Acl) -> list[str]:
    operations = [part for it in acl.operations for part in ("--operation", it)]
    return [
        *("kafka-acls.sh", "--bootstrap-server", bootstrap, "--command-config", "admin.properties"),
        *("--add", "--allow-principal", f"User:{user.name}", *operations, f"--{acl.resource}", acl.name),
    ]
