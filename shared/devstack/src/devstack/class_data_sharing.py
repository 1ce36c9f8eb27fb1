"""Create the JVM's AOT cache (class data sharing) for Kafka by one training run: later brokers start
faster."""

import asyncio
import logging
import tempfile
from dataclasses import replace
from pathlib import Path

from cli.errors import StackError
from devstack import java, ports
from devstack.kafka import EmbeddedKafka
from devstack.process import Process
from devstack.topics import create_topics
from kernel.messaging.connection import KafkaConnection

CREATE_TIMEOUT_SECONDS = 60.0

log = logging.getLogger(__name__)


async def create_aot_cache(classpath: list[Path]) -> None:
    """Run a broker once and keep the cache it writes on exit. A failure is logged: later starts are slower,
    nothing else."""
    target = java.aot_cache()
    with tempfile.TemporaryDirectory(dir=target.parent, prefix="aot-cache-") as folder:
        home = Path(folder)
        draft = home / target.name
        port, controller = ports.free(), ports.free()
        kafka = KafkaConnection(ports.address_of(port))
        broker = EmbeddedKafka(home, port, controller, classpath, on_ready=lambda: create_topics(kafka))
        plain = broker.program()
        command = (*java.recording_command(draft), *plain.command[len(java.command()) :])
        process = Process(replace(plain, command=command, stop_timeout=CREATE_TIMEOUT_SECONDS), home)
        process.start()
        try:
            await process.until_ready(CREATE_TIMEOUT_SECONDS)
        except StackError as problem:
            log.warning("kafka_aot_cache_failed: %s", problem)
        except asyncio.CancelledError:
            process.kill()
            raise
        finally:
            # the JVM writes the cache when it exits
            await process.stop()
        if draft.exists():
            draft.rename(target)
