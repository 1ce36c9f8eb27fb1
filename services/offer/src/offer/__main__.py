"""The offer service: ``python -m offer``, and ``python -m offer migrate``."""

from pathlib import Path

from contracts.private_fields import PRIVATE_FIELDS
from kernel.service import bootstrap


def serve() -> None:
    from offer.app import run  # a migration need not load what a service needs
    from offer.settings import OfferSettings

    bootstrap.serve(OfferSettings, run, PRIVATE_FIELDS)


if __name__ == "__main__":
    bootstrap.main(Path(__file__).parent / "migrations", serve, PRIVATE_FIELDS)
