"""Apache Kafka in KRaft mode on the Java runtime of a wheel: one node, configured for a small machine."""

import asyncio
import base64
import os
import subprocess
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path

from cli.errors import StackError
from devstack import java, ports
from devstack.broker_security import BrokerSecurity
from devstack.environment import inherited
from devstack.program import Program
from devstack.topics import answers
from kernel.messaging.connection import KafkaConnection

PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=127.0.0.1:{controller_port}
listeners={listeners}
advertised.listeners={listeners}
controller.listener.names=CONTROLLER
inter.broker.listener.name={protocol}
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,SSL:SSL
log.dirs={data}
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
num.network.threads=2
num.io.threads=2
# the default of 128 MB exceeds the JVM's heap
log.cleaner.dedupe.buffer.size=8388608
# a killed broker can rejoin only after its session has timed out (default: 9 s)
broker.session.timeout.ms=1500
broker.heartbeat.interval.ms=300
"""

PROBE_INTERVAL_SECONDS = 10.0


class EmbeddedKafka:
    """One broker whose data lies in the stack's state directory."""

    def __init__(
        self,
        home: Path,
        port: int,
        controller_port: int,
        classpath: list[Path],
        on_ready: Callable[[], Awaitable[None]],
        security: BrokerSecurity | None = None,
        certificate_port: int | None = None,
    ) -> None:
        """``security``: in place of plaintext; then ``certificate_port`` may be a second port, for clients
        with a certificate in place of a password."""
        self.address = ports.address_of(port)
        self._security = security
        self.connection = security.connection(self.address) if security else KafkaConnection(self.address)
        self._folder = home / "kafka"
        self._data = self._folder / "data"
        self._properties = self._folder / "server.properties"
        self._cluster_id_file = self._folder / "cluster-id"
        self._protocol = "SASL_SSL" if security else "PLAINTEXT"
        listeners = {self._protocol: port, "CONTROLLER": controller_port, "SSL": certificate_port}
        self._listeners = ",".join(
            f"{name}://{ports.address_of(it)}" for name, it in listeners.items() if it is not None
        )
        self._controller_port = controller_port
        self._on_ready = on_ready
        self._environment = {**inherited(), "CLASSPATH": os.pathsep.join(map(str, classpath))}

    def program(self) -> Program:
        return Program(
            name="kafka",
            command=(*java.command(), "kafka.Kafka", str(self._properties)),
            environment=self._environment,
            url=self.address,
            ready=lambda: answers(self.connection),
            before_start=lambda: asyncio.to_thread(self._prepare),
            on_ready=self._on_ready,
            probe_interval=PROBE_INTERVAL_SECONDS,
        )

    def _prepare(self) -> None:
        self._folder.mkdir(exist_ok=True)
        properties = PROPERTIES.format(
            listeners=self._listeners,
            protocol=self._protocol,
            controller_port=self._controller_port,
            data=self._data,
        )
        if self._security:
            properties += self._security.properties(self._folder)
        self._properties.touch(0o600)
        self._properties.write_text(properties)
        formatted = self._cluster_id_of_data()
        if formatted is None:
            self._format()
        elif formatted != self._stored_cluster_id():
            raise StackError(
                f"{self._data} belongs to another Kafka cluster ({formatted}); "
                "move it away or set another FEIRA_HOME."
            )

    def _cluster_id_of_data(self) -> str | None:
        """The cluster id in the data directory, or None if the directory is empty or missing."""
        try:
            lines = (self._data / "meta.properties").read_text().splitlines()
        except FileNotFoundError:
            if self._data.exists() and any(self._data.iterdir()):
                raise StackError(
                    f"{self._data} is not a Kafka data directory; move it away or set another FEIRA_HOME."
                ) from None
            return None
        ids = [line.removeprefix("cluster.id=") for line in lines if line.startswith("cluster.id=")]
        return ids[0] if ids else "unknown"

    def _stored_cluster_id(self) -> str | None:
        return self._cluster_id_file.read_text().strip() if self._cluster_id_file.exists() else None

    def _format(self) -> None:
        """Format the data directory with a new cluster id: consumers detect by the id that the topics were
        replaced."""
        cluster_id = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=").replace("-", "_")
        self._cluster_id_file.write_text(cluster_id)
        tool = (
            "kafka.tools.StorageTool",
            "format",
            "--standalone",
            "-t",
            cluster_id,
            "-c",
            str(self._properties),
            *(self._security.format_arguments() if self._security else ()),
        )
        done = subprocess.run(  # noqa: S603
            (*java.command(), *tool),
            env=self._environment,
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            words = (done.stderr or done.stdout).strip().splitlines()
            raise StackError(
                f"Kafka's data directory could not be created: {words[-1] if words else 'no reason given'}"
            )
