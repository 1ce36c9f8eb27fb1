"""Tell Kafka that a member of a group is dead: else the others wait ten seconds for its session to end."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from aiokafka.protocol.group import LeaveGroupRequest

from kernel.messaging.clients import KafkaAdmin

GROUPS = {
    "cart": ("cart.catalogue", "cart.commands"),
    "offer": ("offer",),
    "checkout-saga": ("checkout-saga",),
    "projections": ("projections",),
}


async def forget_members(bootstrap: str, groups: Iterable[str]) -> None:
    """All there are; who is not dead after all joins again."""
    admin = KafkaAdmin(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        for group in groups:
            coordinator = await admin.find_coordinator(group)
            for member_id in await _members(admin, group):
                await admin._send_request(LeaveGroupRequest(group, member_id), coordinator)
    finally:
        await admin.close()


async def _members(admin: Any, group: str) -> list[str]:
    (answer,) = await admin.describe_consumer_groups([group])
    (told,) = answer.groups
    return [member[0] for member in told[5]]
