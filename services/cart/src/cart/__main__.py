"""The cart service: ``python -m cart``, and ``python -m cart migrate`` and ``recover-log``."""

from pathlib import Path

from contracts.private_fields import PRIVATE_FIELDS
from kernel.service import bootstrap


def serve() -> None:
    from cart.app import run  # not needed to migrate
    from cart.settings import CartSettings

    bootstrap.serve(CartSettings, run, PRIVATE_FIELDS)


def recover(options: list[str]) -> None:
    from cart.recovery import recover as run
    from kernel.recovery.job import RecoverySettings

    bootstrap.run_job(RecoverySettings, lambda settings: run(settings, options), PRIVATE_FIELDS)


if __name__ == "__main__":
    bootstrap.main(Path(__file__).parent / "migrations", serve, PRIVATE_FIELDS, jobs={"recover-log": recover})
