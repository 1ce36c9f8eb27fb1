"""Pin a producer to one Kafka cluster, so that it never sends to a broker that has replaced it.

A producer reconnects by itself and sends its queued records. The topics of an emptied broker would then begin
in the middle of the log.
"""

from __future__ import annotations

import asyncio
from typing import Any
from weakref import WeakSet

from aiokafka.errors import KafkaError
from aiokafka.protocol.metadata import MetadataRequest

from kernel.messaging.clients import KafkaProducer


def pin_to_cluster(producer: KafkaProducer, cluster_id: str) -> asyncio.Event:
    """Check the cluster id on each new connection before its first use. The event is set when a connection
    leads to another cluster.

    The library has no public hook between a new connection and its first request.
    """
    client = producer.client
    connect = client._get_conn
    checked: WeakSet[Any] = WeakSet()
    checking = asyncio.Lock()
    other_cluster = asyncio.Event()

    # failpoint: none needed (broker-identity)
    async def connect_and_check(*args: Any, **kwargs: Any) -> Any:
        connection = await connect(*args, **kwargs)
        if connection is None or connection in checked:
            return connection
        async with checking:
            try:
                metadata = await connection.send(MetadataRequest([]))
            except (OSError, TimeoutError, KafkaError, RuntimeError):
                connection.close()  # uvloop raises RuntimeError if the peer has just closed the connection
                return None
            if metadata.cluster_id != cluster_id:
                other_cluster.set()
                connection.close()
                return None
            checked.add(connection)
        return connection

    client._get_conn = connect_and_check
    return other_cluster
