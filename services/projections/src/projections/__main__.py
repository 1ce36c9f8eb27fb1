"""The read side: ``python -m projections``, or ``python -m projections migrate``.

It calls itself with ``carry-out RUN ...`` to build read models again.
"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from uuid import UUID

from kernel import entry


def serve() -> None:
    from projections.app import run
    from projections.settings import ProjectionsSettings

    entry.serve(ProjectionsSettings, run)


def carry_out(run_ids: list[UUID]) -> None:
    from projections.adapters.rebuild.worker import carry_out
    from projections.settings import ProjectionsSettings

    entry.work(ProjectionsSettings, partial(carry_out, run_ids=run_ids))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["carry-out", *run_ids] if run_ids:
            carry_out([UUID(it) for it in run_ids])
        case _:
            entry.main(Path(__file__).parent / "adapters" / "migrations", serve)
