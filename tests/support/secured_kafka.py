"""A Kafka broker with TLS, a user for each service, and exactly the ACLs of ``contracts.kafka_access``."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from cli.acls import create_all
from contracts.kafka_access import KAFKA_USERS
from devstack import jars, java, ports
from devstack.broker_security import ADMIN, MECHANISM, BrokerSecurity
from devstack.kafka import EmbeddedKafka
from devstack.process import Process
from devstack.state_dir import StateDir
from devstack.topics import create_topics
from kernel.messaging.connection import KafkaConnection
from tests.support.certificates import Authority

READY_WITHIN = 120.0
STRANGER = "stranger"
"""A user with a password and no rights."""


class SecuredKafka:
    def __init__(self, home: Path, authority: Authority) -> None:
        pair = authority.issue("broker", [ports.HOST])
        users = (ADMIN, STRANGER, *(it.name for it in KAFKA_USERS))
        self.authority = authority
        self._home = home
        self._security = BrokerSecurity(
            pair.certificate, pair.key, authority.file, {it: secrets.token_hex(12) for it in users}
        )
        self.port, self._certificate_port = ports.free(), ports.free()
        self._broker = EmbeddedKafka(
            home,
            self.port,
            ports.free(),
            jars.ensure_downloaded(),
            self._make_ready,
            self._security,
            self._certificate_port,
        )
        self.process = Process(self._broker.program(), home)

    async def _make_ready(self) -> None:
        await create_topics(self.connection(ADMIN))
        await create_all(self.connection(ADMIN))

    def connection(self, user: str) -> KafkaConnection:
        return self._security.connection(ports.address_of(self.port), user)

    def with_certificate(self, user: str) -> KafkaConnection:
        """The connection of the same user with a client certificate in place of a password."""
        pair = self.authority.issue(user)
        return KafkaConnection(
            ports.address_of(self._certificate_port),
            "ssl",
            ca_file=self.authority.file,
            cert_file=pair.certificate,
            key_file=pair.key,
        )

    def settings(self, user: str) -> Mapping[str, str]:
        """The settings of a process that works as this user."""
        kafka = self.connection(user)
        return {
            "FEIRA_KAFKA_BOOTSTRAP": kafka.bootstrap,
            "FEIRA_KAFKA_SECURITY": kafka.security,
            "FEIRA_KAFKA_CA_FILE": str(kafka.ca_file),
            "FEIRA_KAFKA_USERNAME": kafka.username,
            "FEIRA_KAFKA_PASSWORD": kafka.password,
        }

    async def set_password(self, user: str, password: str) -> None:
        """Replace the password of a user, who keeps the connections that are open."""
        admin = self.connection(ADMIN)
        login = "org.apache.kafka.common.security.scram.ScramLoginModule"
        properties = self._home / "admin.properties"
        properties.write_text(
            f"security.protocol=SASL_SSL\nsasl.mechanism={MECHANISM}\nssl.truststore.type=PEM\n"
            f"ssl.truststore.location={self.authority.file}\n"
            f'sasl.jaas.config={login} required username="{ADMIN}" password="{admin.password}";\n'
        )
        classpath = os.pathsep.join(map(str, jars.ensure_downloaded()))
        change = f"{MECHANISM}=[iterations=4096,password={password}]"
        tool = await asyncio.create_subprocess_exec(
            *java.command(),
            *("kafka.admin.ConfigCommand", "--bootstrap-server", admin.bootstrap),
            *("--command-config", str(properties), "--alter", "--add-config", change),
            *("--entity-type", "users", "--entity-name", user),
            env={**os.environ, "CLASSPATH": classpath},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await tool.communicate()
        if tool.returncode:
            raise AssertionError(output.decode())

    async def stop(self) -> None:
        await self.process.stop()


@asynccontextmanager
async def running_secured_kafka(home: Path) -> AsyncIterator[SecuredKafka]:
    """Start it in an empty folder on free ports, with the stack's topics."""
    StateDir(home).prepare()
    kafka = SecuredKafka(home, Authority.made_in(home))
    kafka.process.start()
    try:
        await kafka.process.until_ready(READY_WITHIN)
        yield kafka
    finally:
        await kafka.stop()


def with_password(kafka: KafkaConnection, password: str) -> KafkaConnection:
    return replace(kafka, password=password)
