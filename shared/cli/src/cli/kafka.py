"""The connection of a command to Kafka, secured as the environment says."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cli import addresses
from cli.errors import StackError
from cli.secret_files import with_secret_files

if TYPE_CHECKING:
    from kernel.messaging.connection import KafkaConnection

PREFIX = "FEIRA_KAFKA_"


def configured(environment: Mapping[str, str] = os.environ) -> "KafkaConnection":
    """The connection to the brokers in FEIRA_KAFKA_BOOTSTRAP, or else to those where the services are. Raises
    ``StackError``."""
    named = with_secret_files(environment).get(f"{PREFIX}BOOTSTRAP")
    return connection_to(named or addresses.kafka(), environment)


def connection_to(bootstrap: str, environment: Mapping[str, str] = os.environ) -> "KafkaConnection":
    """``bootstrap``: ``host:port`` of the brokers. The rest are the same settings as those of a service:
    FEIRA_KAFKA_SECURITY and so on, as variables or as files in FEIRA_SECRETS_DIR. Raises ``StackError``."""
    from kernel.service.environment import InvalidSettings, load  # pydantic takes 100 ms to import
    from kernel.service.kafka_settings import KafkaSettings

    given: dict[str, Any] = {
        name.removeprefix("FEIRA_").lower(): value
        for name, value in with_secret_files(environment).items()
        if name.startswith(PREFIX)
    }
    try:
        return load(KafkaSettings, **given | {"kafka_bootstrap": bootstrap}).kafka
    except InvalidSettings as invalid:
        raise StackError(f"{invalid}.") from None
