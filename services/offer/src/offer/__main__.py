"""The offer service: ``python -m offer``, and ``python -m offer migrate`` and ``recover-log``."""

from pathlib import Path

from contracts.private_fields import PRIVATE_FIELDS
from kernel.service import bootstrap

MIGRATIONS = Path(__file__).parent / "migrations"


def serve() -> None:
    from kernel.postgres.applied_migrations import required_with
    from offer.app import run  # a migration need not load what a service needs
    from offer.settings import OfferSettings

    bootstrap.serve(OfferSettings, run, PRIVATE_FIELDS, required_with(MIGRATIONS))


def recover(options: list[str]) -> None:
    from kernel.recovery.job import RecoverySettings
    from offer.recovery import recover as run

    bootstrap.run_job(RecoverySettings, lambda settings: run(settings, options), PRIVATE_FIELDS)


if __name__ == "__main__":
    bootstrap.main(MIGRATIONS, serve, PRIVATE_FIELDS, jobs={"recover-log": recover})
