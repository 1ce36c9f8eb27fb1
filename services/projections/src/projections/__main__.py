"""The read side: ``python -m projections``, or ``python -m projections migrate``.

The service starts itself with ``carry-out RUN ...`` as the worker process of rebuilds and verifications.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from uuid import UUID

from contracts.private_fields import PRIVATE_FIELDS
from kernel.service import bootstrap

MIGRATIONS = Path(__file__).parent / "migrations"


def serve() -> None:
    from kernel.postgres.applied_migrations import required_with
    from projections.app import run
    from projections.settings import ProjectionsSettings

    bootstrap.serve(ProjectionsSettings, run, PRIVATE_FIELDS, required_with(MIGRATIONS))


def work(run_ids: list[str]) -> None:
    from kernel.projections.rebuild.worker import run_worker
    from projections.models.registry import REGISTRY
    from projections.settings import ProjectionsSettings

    job = partial(run_worker, registry=REGISTRY, run_ids=[UUID(it) for it in run_ids])
    bootstrap.run_job(ProjectionsSettings, job, PRIVATE_FIELDS)


if __name__ == "__main__":
    bootstrap.main(MIGRATIONS, serve, PRIVATE_FIELDS, jobs={"carry-out": work})
