"""``python -m checkout_saga`` serves; ``migrate``, ``rewrap`` and ``recover-log`` are jobs."""

from pathlib import Path

from contracts.private_fields import PRIVATE_FIELDS
from kernel.service import bootstrap

MIGRATIONS = Path(__file__).parent / "migrations"


def serve() -> None:
    from checkout_saga.app import run
    from checkout_saga.settings import CheckoutSettings
    from kernel.postgres.applied_migrations import required_with

    bootstrap.serve(CheckoutSettings, run, PRIVATE_FIELDS, required_with(MIGRATIONS))


def rewrap(_arguments: list[str]) -> None:
    from checkout_saga.customers.key_rotation import rotate_keys
    from checkout_saga.settings import CheckoutSettings

    bootstrap.run_job(CheckoutSettings, rotate_keys, PRIVATE_FIELDS)


def recover(options: list[str]) -> None:
    from checkout_saga.recovery import recover as run
    from checkout_saga.recovery_settings import CheckoutRecoverySettings

    bootstrap.run_job(CheckoutRecoverySettings, lambda settings: run(settings, options), PRIVATE_FIELDS)


if __name__ == "__main__":
    bootstrap.main(
        MIGRATIONS,
        serve,
        PRIVATE_FIELDS,
        jobs={"rewrap": rewrap, "recover-log": recover},
    )
