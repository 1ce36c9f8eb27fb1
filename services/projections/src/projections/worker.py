"""The worker of statistical models and of reports by e-mail: ``python -m projections.worker``.

It has the service's database and no Kafka. One run at a time, at a low priority; beside it the probes and
metrics of every process. numpy and scipy are loaded with the first run, and never by the service.
"""

from __future__ import annotations

import gc
import os
from pathlib import Path
from typing import TYPE_CHECKING

from contracts.private_fields import PRIVATE_FIELDS
from kernel.service import bootstrap, stop_signals

if TYPE_CHECKING:
    from projections.worker_settings import WorkerSettings

MIGRATIONS = Path(__file__).parent / "migrations"
TITLE = "projections-worker"
NICE = 10
CONNECTIONS = 4
STATEMENT_SECONDS = 300.0
ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")
"""Read by numpy's libraries when they are loaded: each fit is one thread."""


async def run(settings: WorkerSettings) -> None:
    """Serve until stopped by a signal."""
    from contracts.topics import MESSAGES
    from kernel.http.app import create_app
    from kernel.http.server import serve
    from kernel.mail.connecting import mailer_of
    from kernel.observability.health import Heartbeats
    from kernel.observability.metrics.declaring import Part, expose
    from kernel.postgres import pool_metrics
    from kernel.postgres.applied_migrations import required_with
    from kernel.postgres.connections import create_pool
    from kernel.service.runtime import running
    from kernel.store.event_store import EventStore
    from projections.dashboard.answering import Asking
    from projections.model_runs.nightly import Nights, parse_times
    from projections.model_runs.runner import ModelRunner
    from projections.questions.exports import Slots
    from projections.questions.registry import QUESTIONS
    from projections.reports.owner_keys import addresses_under
    from projections.reports.runner import ReportRunner
    from projections.reports.sending import Sender
    from projections.saved_questions.checking import Checker

    limit_resources(settings.model_megabytes)
    expose(Part.MODELS)
    heartbeats = Heartbeats()
    async with await create_pool(
        settings.database_url,
        settings.env,
        CONNECTIONS,
        settings.instance,
        statement_timeout=STATEMENT_SECONDS,
    ) as pool:
        pool_metrics.measure(pool)
        nights = Nights(pool, parse_times(settings.model_run_times))
        runner = ModelRunner(pool, nights, settings.model_run_seconds, heartbeats)
        of_questions = {"stuck_after_seconds": settings.stuck_after_minutes * 60}
        asking = Asking(EventStore(pool, MESSAGES), of_questions, Slots())
        sender = Sender(
            asking,
            Checker({it.name: it for it in QUESTIONS}, asking),
            addresses_under(pool, settings.link_keys),
            mailer_of(settings),
        )
        reports = ReportRunner(pool, sender, settings.link_keys, heartbeats)
        app = create_app(TITLE, pool=pool, heartbeats=heartbeats, migrations=required_with(MIGRATIONS))
        async with running(runner.run(), reports.run()):
            await serve(app, settings)


def limit_resources(megabytes: int) -> None:
    import resource

    os.nice(NICE)
    for name in ONE_THREAD:
        os.environ[name] = "1"
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (megabytes * 1024 * 1024, most))


def main() -> None:
    from kernel.postgres.applied_migrations import required_with
    from projections.worker_settings import WorkerSettings

    bootstrap.serve(WorkerSettings, run, PRIVATE_FIELDS, required_with(MIGRATIONS))


if __name__ == "__main__":
    # as in bootstrap.main: importing makes no cycles to be collected
    gc.disable()
    stop_signals.end_at_once(0)
    main()
