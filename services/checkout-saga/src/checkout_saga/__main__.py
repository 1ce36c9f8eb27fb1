"""The checkout service: ``python -m checkout_saga``, and ``python -m checkout_saga migrate``."""

from pathlib import Path

from kernel import entry


def serve() -> None:
    from checkout_saga.app import run
    from checkout_saga.settings import CheckoutSettings

    entry.serve(CheckoutSettings, run)


if __name__ == "__main__":
    entry.main(Path(__file__).parent / "adapters" / "migrations", serve)
