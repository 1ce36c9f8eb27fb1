"""An embedded broker that asks its clients who they are, and lets each do only what an ACL allows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kernel.messaging.connection import KafkaConnection

ADMIN = "admin"
"""The user for whom no ACL is needed."""
MECHANISM = "SCRAM-SHA-512"

PROPERTIES = """\
ssl.keystore.type=PEM
ssl.keystore.location={keystore}
ssl.truststore.type=PEM
ssl.truststore.location={authority}
ssl.client.auth=requested
# the user of a client certificate is its common name
listener.name.ssl.ssl.principal.mapping.rules=RULE:^CN=([^,]+).*$/$1/
listener.name.ssl.ssl.client.auth=required
sasl.enabled.mechanisms={mechanism}
sasl.mechanism.inter.broker.protocol={mechanism}
listener.name.sasl_ssl.{lower}.sasl.jaas.config={login} required username="{admin}" password="{password}";
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
allow.everyone.if.no.acl.found=false
# anonymous: the broker itself, at the listener of its controller
super.users=User:{admin};User:ANONYMOUS
"""
LOGIN = "org.apache.kafka.common.security.scram.ScramLoginModule"


@dataclass(frozen=True)
class BrokerSecurity:
    """TLS with this certificate, users with passwords (SCRAM) or client certificates, and ACLs."""

    certificate: Path
    """Of the broker, valid for the host name or address at which it listens; PEM, as the key."""
    key: Path
    authority: Path
    """The certificate of the authority that signs the broker's and those of clients."""
    passwords: Mapping[str, str] = field(repr=False)
    """By user; one is that of ``ADMIN``."""

    def properties(self, folder: Path) -> str:
        """Lines for the broker's configuration, which refer to a file that this writes into the folder."""
        keystore = folder / "keystore.pem"
        keystore.touch(0o600)
        keystore.write_bytes(self.key.read_bytes() + self.certificate.read_bytes())
        return PROPERTIES.format(
            keystore=keystore,
            authority=self.authority,
            mechanism=MECHANISM,
            lower=MECHANISM.lower(),
            login=LOGIN,
            admin=ADMIN,
            password=self.passwords[ADMIN],
        )

    def format_arguments(self) -> list[str]:
        """Arguments of `kafka-storage format` that create the users."""
        users = (f"{MECHANISM}=[name={name},password={it}]" for name, it in self.passwords.items())
        return [argument for user in users for argument in ("--add-scram", user)]

    def connection(self, address: str, user: str = ADMIN) -> KafkaConnection:
        """How this user reaches the broker."""
        return KafkaConnection(
            address,
            "sasl_ssl",
            ca_file=self.authority,
            username=user,
            password=self.passwords[user],
        )
