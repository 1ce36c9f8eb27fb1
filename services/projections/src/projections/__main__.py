"""The read side: ``python -m projections``, and ``python -m projections migrate``."""

from pathlib import Path

from kernel import entry


def serve() -> None:
    from projections.app import run
    from projections.settings import ProjectionsSettings

    entry.serve(ProjectionsSettings, run)


if __name__ == "__main__":
    entry.main(Path(__file__).parent / "adapters" / "migrations", serve)
