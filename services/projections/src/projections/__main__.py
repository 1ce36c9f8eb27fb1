"""The read side: ``python -m projections``, or ``python -m projections migrate``.

The service starts itself with ``carry-out RUN ...`` as the worker process of rebuilds and verifications.
"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from uuid import UUID

from contracts.private_fields import PRIVATE_FIELDS
from kernel.service import bootstrap


def serve() -> None:
    from projections.app import run
    from projections.settings import ProjectionsSettings

    bootstrap.serve(ProjectionsSettings, run, PRIVATE_FIELDS)


def work(run_ids: list[UUID]) -> None:
    from kernel.projections.rebuild.worker import run_worker
    from projections.models.registry import REGISTRY
    from projections.settings import ProjectionsSettings

    job = partial(run_worker, registry=REGISTRY, run_ids=run_ids)
    bootstrap.run_job(ProjectionsSettings, job, PRIVATE_FIELDS)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["carry-out", *run_ids] if run_ids:
            work([UUID(run_id) for run_id in run_ids])
        case _:
            bootstrap.main(Path(__file__).parent / "migrations", serve, PRIVATE_FIELDS)
