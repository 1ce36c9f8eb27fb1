"""The cart service: ``python -m cart``, and ``python -m cart migrate`` and ``recover-log``."""

from pathlib import Path

from contracts.private_fields import PRIVATE_FIELDS
from kernel.service import bootstrap

MIGRATIONS = Path(__file__).parent / "migrations"


def serve() -> None:
    from cart.app import run  # not needed to migrate
    from cart.settings import CartSettings
    from kernel.postgres.applied_migrations import required_with

    bootstrap.serve(CartSettings, run, PRIVATE_FIELDS, required_with(MIGRATIONS))


def recover(options: list[str]) -> None:
    from cart.recovery import recover as run
    from kernel.recovery.job import RecoverySettings

    bootstrap.run_job(RecoverySettings, lambda settings: run(settings, options), PRIVATE_FIELDS)


if __name__ == "__main__":
    bootstrap.main(MIGRATIONS, serve, PRIVATE_FIELDS, jobs={"recover-log": recover})
