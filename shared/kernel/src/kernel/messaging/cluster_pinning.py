"""Send to one broker alone, never to another that has taken its place.

A producer reconnects by itself and sends what it still holds. The topics of an emptied broker would then
begin in the middle of the log.
"""

from __future__ import annotations

import asyncio
from typing import Any
from weakref import WeakSet

from aiokafka.errors import KafkaError
from aiokafka.protocol.metadata import MetadataRequest

from kernel.messaging.clients import KafkaProducer


def pin_to_cluster(producer: KafkaProducer, cluster_id: str) -> asyncio.Event:
    """Use no connection before it has been asked whose it is. The event is set when it was another's.

    The library has no public place between a new connection and its first request.
    """
    client = producer.client
    connect = client._get_conn
    asked: WeakSet[Any] = WeakSet()
    asking = asyncio.Lock()
    elsewhere = asyncio.Event()

    # failpoint: none needed (broker-identity)
    async def connected(*where: Any, **how: Any) -> Any:
        connection = await connect(*where, **how)
        if connection is None or connection in asked:
            return connection
        async with asking:
            try:
                told = await connection.send(MetadataRequest([]))
            except (OSError, TimeoutError, KafkaError, RuntimeError):
                connection.close()  # uvloop raises the last of them where the other side has just closed it
                return None
            if told.cluster_id != cluster_id:
                elsewhere.set()
                connection.close()
                return None
            asked.add(connection)
        return connection

    client._get_conn = connected
    return elsewhere
