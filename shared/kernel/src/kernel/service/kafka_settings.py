"""The settings of the connection to Kafka, for services and for tools that read topics."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from pydantic_settings import BaseSettings

from kernel.messaging.connection import KafkaConnection, Mechanism, Security
from kernel.service.environment import CONFIG, PREFIX


def _brokers(value: str) -> str:
    for address in value.split(","):
        host, _, port = address.strip().rpartition(":")
        if not host or not port.isdecimal():
            raise ValueError("must look like host:port")
    return value


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise ValueError(f"there is no file {path}")
    return path


Brokers = Annotated[str, BeforeValidator(_brokers)]
ExistingFile = Annotated[Path, AfterValidator(_existing)]

OF_TLS = ("kafka_ca_file", "kafka_cert_file", "kafka_key_file")
OF_SASL = ("kafka_username", "kafka_password")


class KafkaSettings(BaseSettings):
    model_config = CONFIG

    kafka_bootstrap: Brokers
    kafka_security: Security = "plaintext"
    kafka_ca_file: ExistingFile | None = None
    """The authorities that sign the certificates of the brokers; unset: those that the machine trusts."""
    kafka_cert_file: ExistingFile | None = None
    kafka_key_file: ExistingFile | None = None
    kafka_sasl_mechanism: Mechanism = "SCRAM-SHA-512"
    kafka_username: str = ""
    kafka_password: Annotated[str, Field(repr=False)] = ""

    @property
    def kafka(self) -> KafkaConnection:
        return KafkaConnection(
            bootstrap=self.kafka_bootstrap,
            security=self.kafka_security,
            ca_file=self.kafka_ca_file,
            cert_file=self.kafka_cert_file,
            key_file=self.kafka_key_file,
            sasl_mechanism=self.kafka_sasl_mechanism,
            username=self.kafka_username,
            password=self.kafka_password,
        )

    @model_validator(mode="after")
    def _check_kafka(self) -> Self:
        if self.kafka_security == "plaintext" and (given := self._given(OF_TLS)):
            raise ValueError(f"{_variable(given[0])} needs {PREFIX}KAFKA_SECURITY=ssl or sasl_ssl")
        given = self._given(OF_SASL)
        if self.kafka_security != "sasl_ssl" and given:
            raise ValueError(f"{_variable(given[0])} needs {PREFIX}KAFKA_SECURITY=sasl_ssl")
        if self.kafka_security == "sasl_ssl" and len(given) < len(OF_SASL):
            missing = next(name for name in OF_SASL if name not in given)
            raise ValueError(f"{PREFIX}KAFKA_SECURITY=sasl_ssl needs {_variable(missing)}")
        if bool(self.kafka_cert_file) != bool(self.kafka_key_file):
            raise ValueError(f"{PREFIX}KAFKA_CERT_FILE and {PREFIX}KAFKA_KEY_FILE need each other")
        try:
            self.kafka.client_options()
        except OSError as problem:
            files = ", ".join(map(_variable, self._given(OF_TLS)))
            raise ValueError(f"{files}: cannot be used ({problem.strerror or problem})") from None
        return self

    def _given(self, names: tuple[str, ...]) -> list[str]:
        return [name for name in names if getattr(self, name)]


def _variable(name: str) -> str:
    return f"{PREFIX}{name.upper()}"
