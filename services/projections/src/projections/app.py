"""Wire the projections service. No other module knows all of its parts."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from contracts.examples import EXAMPLES
from contracts.roles import OPERATORS, ROLES
from contracts.topics import MESSAGES
from contracts.topology import PARTITIONS
from kernel.clock.stack_clock import StackClock
from kernel.http import api_key_routes, clock_routes, dead_letter_routes, status_routes
from kernel.http.app import Application, create_app
from kernel.http.asyncapi import Exchange
from kernel.http.server import serve
from kernel.messaging import message_gauges
from kernel.messaging.consumer import GroupMember
from kernel.messaging.dead_letters.admin import DeadLetterAdmin
from kernel.observability.health import Heartbeats
from kernel.postgres import pool_metrics, retention
from kernel.postgres.applied_migrations import required_with
from kernel.postgres.connections import create_pool
from kernel.postgres.gauges import DatabaseGauges
from kernel.postgres.retention import Retention
from kernel.projections import version_gauge
from kernel.projections.fan_out import FanOut
from kernel.projections.lag import Lag
from kernel.projections.projector import Projector
from kernel.projections.rebuild.run_supervisor import RunSupervisor
from kernel.projections.retention import ended_runs
from kernel.service.build import build_of
from kernel.service.runtime import running
from kernel.store.event_store import EventStore
from projections.administration import routes as administration
from projections.administration import runs
from projections.administration.descriptions import API_DESCRIPTION, FIELD_DESCRIPTIONS
from projections.dashboard import routes as dashboard
from projections.dashboard.answering import Asking
from projections.model_runs import routes as model_runs
from projections.model_runs.retention import ended_model_runs
from projections.models.ledger import routes as ledger
from projections.models.registry import REGISTRY
from projections.questions import dictionary, exports
from projections.questions import routes as questions
from projections.questions.answers import words_of_all
from projections.questions.registry import QUESTIONS
from projections.reported.keeping import ReportedFigures
from projections.reports import routes as reports
from projections.reports.mails import ended_mails
from projections.reports.owner_keys import addresses_under
from projections.saved_questions import routes as saved_questions
from projections.saved_questions.checking import Checker
from projections.saved_questions.rows import left_behind
from projections.settings import ProjectionsSettings
from projections.spend import routes as spend
from projections.verifications import gauges as verification_gauges
from projections.verifications import routes as verifications
from projections.verifications.rows import old_verifications

SERVICE = "projections"
MIN_BATCH_INTERVAL = 0.4
"""Seconds between batches: read models may be this late, and batches become larger."""

MIGRATIONS = Path(__file__).parent / "migrations"


async def run(settings: ProjectionsSettings) -> None:
    """Serve until stopped by a signal."""
    heartbeats = Heartbeats()
    size, kafka = settings.database_connections, settings.kafka
    async with (
        await create_pool(settings.database_url, settings.env, size, settings.instance) as pool,
        Lag(REGISTRY, pool, kafka) as lag,
    ):
        pool_metrics.measure(pool)
        store = EventStore(pool, MESSAGES)
        supervisor = RunSupervisor(pool, REGISTRY.models, SERVICE, settings.instance, heartbeats)
        projectors = {model.scope: Projector(model) for model in REGISTRY.models}
        member = GroupMember(
            REGISTRY.group,
            REGISTRY.topics,
            FanOut.of(REGISTRY, projectors, store, supervisor.start, kafka, heartbeats),
            kafka,
            heartbeats,
            min_interval=MIN_BATCH_INTERVAL,
            instance=settings.instance,
        )
        dead_letters = DeadLetterAdmin(store, {scope: [it] for scope, it in projectors.items()})
        clock = StackClock(SERVICE, settings, pool, heartbeats)
        clock.own.on_move(store.forget_time)
        app = build(settings, store, heartbeats, lag, dead_letters, supervisor, clock)
        keep_runs = timedelta(days=settings.run_days)
        rules = [
            retention.responses(settings.keep_answers),
            ended_runs(keep_runs),
            old_verifications(keep_runs),
            ended_model_runs(keep_runs),
            left_behind(keep_runs),
            ended_mails(keep_runs),
        ]
        deletion = Retention(pool, rules, settings.retention_seconds, heartbeats)
        gauges = DatabaseGauges(
            pool,
            [message_gauges.parked(), version_gauge.versions(), verification_gauges.latest()],
            heartbeats,
        )
        reported = ReportedFigures(pool, heartbeats)
        upkeep = deletion.run(), gauges.run(), reported.run()
        loops = supervisor.run(), member.run(), *upkeep, *clock.loops()
        async with running(*loops):
            await serve(app, settings)


def build(
    settings: ProjectionsSettings,
    store: EventStore,
    heartbeats: Heartbeats,
    lag: Lag,
    dead_letters: DeadLetterAdmin,
    supervisor: RunSupervisor,
    clock: StackClock,
) -> Application:
    pool = store.pool
    models = administration.ReadModels(pool, REGISTRY, lag)
    of_questions = {"stuck_after_seconds": settings.stuck_after_minutes * 60}
    slots = exports.Slots()
    asking = Asking(store, of_questions, slots)
    mailed = reports.Reports(store, addresses_under(pool, settings.link_keys))
    checker = Checker({it.name: it for it in QUESTIONS}, asking)
    tables = [
        dictionary.table(QUESTIONS, {it.name: sorted(it.types) for it in REGISTRY.models}),
        exports.table(pool, QUESTIONS, of_questions, slots),
        questions.table(pool, QUESTIONS, of_questions),
        ledger.table(pool),
        spend.table(pool),
        saved_questions.table(store, checker),
        reports.table(mailed),
        administration.table(models),
        dead_letter_routes.table(pool, dead_letters, OPERATORS),
        api_key_routes.table(pool, OPERATORS, ROLES),
        status_routes.table(build_of(__name__), pool, heartbeats, required_with(MIGRATIONS), OPERATORS),
        *clock_routes.tables(clock, OPERATORS),
        runs.table(pool, REGISTRY, supervisor.start),
        verifications.table(pool, OPERATORS),
        model_runs.table(pool),
    ]
    return create_app(
        SERVICE,
        pool=pool,
        heartbeats=heartbeats,
        migrations=required_with(MIGRATIONS),
        store=store,
        exchange=Exchange(
            SERVICE,
            settings.kafka,
            MESSAGES,
            PARTITIONS,
            EXAMPLES,
            receives=REGISTRY.types,
        ),
        body_seconds=settings.body_seconds,
        max_concurrent_requests=settings.requests,
        rates=settings.request_rates(),
        earliest=settings.earliest_occurred_at,
        description=API_DESCRIPTION,
        words={**FIELD_DESCRIPTIONS, **dictionary.DICTIONARY_WORDS, **words_of_all(QUESTIONS)},
        routers=[
            *clock_routes.routers(clock),
            dashboard.router(settings, store, QUESTIONS, asking, models, checker, mailed),
        ],
        form_paths=dashboard.FORM_PATHS,
        tables=tables,
    )
