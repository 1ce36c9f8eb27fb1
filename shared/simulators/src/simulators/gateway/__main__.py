"""The simulated gateway: ``python -m simulators.gateway``, and ``python -m simulators.gateway migrate``."""

from pathlib import Path

from contracts.private_fields import PRIVATE_FIELDS
from kernel.service import bootstrap

MIGRATIONS = Path(__file__).parent / "migrations"


def serve() -> None:
    from kernel.postgres.applied_migrations import migrations_in
    from simulators.gateway.app import run
    from simulators.gateway.settings import GatewaySettings

    bootstrap.serve(GatewaySettings, run, PRIVATE_FIELDS, migrations_in(MIGRATIONS))


if __name__ == "__main__":
    bootstrap.main(MIGRATIONS, serve, PRIVATE_FIELDS, event_log=False)
