"""How the brokers are reached: their addresses, encryption, and the identity that they check."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias

Security: TypeAlias = Literal["plaintext", "ssl", "sasl_ssl"]
Mechanism: TypeAlias = Literal["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"]


@dataclass(frozen=True, slots=True)
class KafkaConnection:
    """What every client of Kafka is built with. No mode sends a password without TLS."""

    bootstrap: str
    """``host:port`` of the brokers, with commas between."""
    security: Security = "plaintext"
    ca_file: Path | None = None
    """Certificates (PEM) of the authorities that sign those of the brokers. None: those that the machine
    trusts."""
    cert_file: Path | None = None
    """The client's own certificate, for brokers that ask for one."""
    key_file: Path | None = None
    sasl_mechanism: Mechanism = "SCRAM-SHA-512"
    username: str = ""
    password: str = field(default="", repr=False)

    @property
    def is_encrypted(self) -> bool:
        return self.security != "plaintext"

    def client_options(self) -> dict[str, Any]:
        """Keyword arguments for the constructor of a client. Each client reads the files again, so that a
        renewed certificate or authority needs no restart. Raises ``OSError`` (``ssl.SSLError`` is one) if a
        file cannot be read or used."""
        options: dict[str, Any] = {
            "bootstrap_servers": self.bootstrap,
            "security_protocol": self.security.upper(),
        }
        if self.is_encrypted:
            options["ssl_context"] = self._tls()
        if self.security == "sasl_ssl":
            options |= {
                "sasl_mechanism": self.sasl_mechanism,
                "sasl_plain_username": self.username,
                "sasl_plain_password": self.password,
            }
        return options

    def _tls(self) -> ssl.SSLContext:
        """TLS 1.2 or later; the broker's certificate has to be valid for the host that was asked for."""
        context = ssl.create_default_context(cafile=self.ca_file)
        if self.cert_file:
            # a password, or OpenSSL would ask for one at the terminal if the key is encrypted
            context.load_cert_chain(self.cert_file, self.key_file, password="")
        return context
