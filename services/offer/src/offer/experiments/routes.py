"""The routes of experiments."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import partial
from typing import Any
from uuid import UUID

from fastapi import Response

from contracts.roles import ADMINS, READERS
from kernel.http.dependencies import Read, Write
from kernel.http.handlers import remove
from kernel.http.idempotent_commands import CommandRequest
from kernel.http.paging import Page, Paged
from kernel.http.requests import PathId
from kernel.http.results import Result
from kernel.http.route_tables import Route, RouteTable
from kernel.postgres.service_pool import ServicePool
from kernel.unit_of_work import UnitOfWork
from offer.experiments.count_writer import read_counts
from offer.experiments.domain.errors import (
    ExperimentNotFound,
    ExperimentRunning,
    ExperimentStatusConflict,
)
from offer.experiments.domain.experiment import Experiment
from offer.experiments.schemas.requests import ExperimentEnd, NewExperiment
from offer.experiments.schemas.views import ExperimentView, show_experiment
from offer.experiments.use_cases import experiments
from offer.experiments.use_cases.experiments import (
    LISTED,
    CreateExperiment,
    ExperimentRef,
    find_experiment,
)
from offer.offers.domain.errors import OfferNotFound
from offer.offers.use_cases.offers import find_offer


async def create_experiment(offer_id: PathId, body: NewExperiment, write: Write) -> Response:
    """Create an experiment on the offer, as a draft. Its variants never change."""
    command = CreateExperiment(offer_id, body.name, body.new_variants())

    async def act(work: UnitOfWork) -> Result:
        return await _shown(await experiments.create_experiment(command, work), write.pool, work)

    return await write.run(act)


async def list_experiments(offer_id: PathId, read: Read, paging: Paged) -> Response:
    """List the experiments of the offer, the oldest first, with how each variant has done."""
    (after,) = paging.after(str) or ("",)

    async def act(work: UnitOfWork) -> Result:
        await find_offer(offer_id, work)
        keys = await work.keys_with_prefix(LISTED, f"{offer_id}:")
        rows = sorted(it for it in keys.items() if it[0] > after)[: paging.more]
        found = await work.open_many(Experiment, [owner for _, owner in rows])
        counts = await read_counts(read.pool, read.tenant, found)
        page = paging.page(
            rows, key=lambda it: (it[0],), show=lambda it: show_experiment(found[it[1]], counts)
        )
        return Result(page)

    return await read.run(act)


async def get_experiment(offer_id: PathId, experiment_id: PathId, read: Read) -> Response:
    """Get an experiment with how each variant has done."""

    async def act(work: UnitOfWork) -> Result:
        found = await find_experiment(ExperimentRef(offer_id, experiment_id), work)
        return await _shown(found, read.pool, work)

    return await read.run(act)


async def start_experiment(offer_id: PathId, experiment_id: PathId, write: Write) -> Response:
    """Show each session its variant from now on."""
    ref = ExperimentRef(offer_id, experiment_id)
    return await _execute(ref, write, partial(experiments.start_experiment, ref))


async def stop_experiment(
    offer_id: PathId, experiment_id: PathId, body: ExperimentEnd, write: Write
) -> Response:
    """End the experiment. All sessions see the winner, or without one the offer itself."""
    ref = ExperimentRef(offer_id, experiment_id)
    return await _execute(ref, write, partial(experiments.stop_experiment, ref, body.winner))


async def remove_experiment(offer_id: PathId, experiment_id: PathId, write: Write) -> Response:
    """Remove an experiment that has not been started."""
    ref = ExperimentRef(offer_id, experiment_id)
    return await remove(write, find_experiment, ref, partial(experiments.remove_experiment, ref))


async def _execute(
    ref: ExperimentRef, write: CommandRequest, use_case: Callable[[UnitOfWork], Awaitable[Experiment]]
) -> Response:
    async def act(work: UnitOfWork) -> Result:
        write.check(await find_experiment(ref, work))
        return await _shown(await use_case(work), write.pool, work)

    return await write.run(act)


async def _shown(experiment: Experiment, pool: ServicePool, work: UnitOfWork) -> Result:
    only: Iterable[UUID] = (experiment.id,)
    counts = await read_counts(pool, work.context.tenant, only)
    return Result(show_experiment(experiment, counts), experiment.version)


ALL = "/v1/offers/{offer_id}/experiments"
BY_ID = f"{ALL}/{{experiment_id}}"
CONFLICTS = (ExperimentNotFound, ExperimentRunning, ExperimentStatusConflict)
REMOVED: Mapping[int | str, Any] = {204: {"description": "It is removed."}}
ROUTES = RouteTable(
    "experiments",
    (
        Route("POST", ALL, create_experiment, ADMINS, ExperimentView, (OfferNotFound,), status=201),
        Route("GET", ALL, list_experiments, READERS, Page[ExperimentView], (OfferNotFound,)),
        Route("GET", BY_ID, get_experiment, READERS, ExperimentView, (ExperimentNotFound,)),
        Route("POST", f"{BY_ID}/start", start_experiment, ADMINS, ExperimentView, CONFLICTS),
        Route("POST", f"{BY_ID}/stop", stop_experiment, ADMINS, ExperimentView, CONFLICTS),
        Route(
            *("DELETE", BY_ID, remove_experiment, ADMINS, None, CONFLICTS),
            *(204,),
            responses=REMOVED,
        ),
    ),
)
