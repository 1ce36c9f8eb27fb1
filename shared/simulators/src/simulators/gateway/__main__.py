"""The simulated gateway: ``python -m simulators.gateway``, and ``python -m simulators.gateway migrate``."""

from pathlib import Path

from contracts.private_fields import PRIVATE_FIELDS
from kernel.service import bootstrap


def serve() -> None:
    from simulators.gateway.app import run
    from simulators.gateway.settings import GatewaySettings

    bootstrap.serve(GatewaySettings, run, PRIVATE_FIELDS)


if __name__ == "__main__":
    bootstrap.main(Path(__file__).parent / "migrations", serve, PRIVATE_FIELDS, event_log=False)
