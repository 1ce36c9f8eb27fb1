"""The checkout service: ``python -m checkout_saga``, and the same with ``migrate`` or ``rewrap``."""

import sys
from pathlib import Path

from kernel import entry


def serve() -> None:
    from checkout_saga.app import run
    from checkout_saga.settings import CheckoutSettings

    entry.serve(CheckoutSettings, run)


def rewrap() -> None:
    from checkout_saga.adapters.rewrapping import run
    from checkout_saga.settings import CheckoutSettings

    entry.work(CheckoutSettings, run)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["rewrap"]:
            rewrap()
        case _:
            entry.main(Path(__file__).parent / "adapters" / "migrations", serve)
