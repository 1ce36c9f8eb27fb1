"""The cart service: ``python -m cart``, and ``python -m cart migrate``."""

from pathlib import Path

from kernel import entry


def serve() -> None:
    from cart.app import run  # migrating needs none of it
    from cart.settings import CartSettings

    entry.serve(CartSettings, run)


if __name__ == "__main__":
    entry.main(Path(__file__).parent / "adapters" / "migrations", serve)
