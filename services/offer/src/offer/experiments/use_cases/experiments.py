"""What a shop does with experiments on an offer: create, start, stop and remove them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from contracts.experiment import Changes, Variant
from kernel import ids
from kernel.command_routes import UniqueKeys
from kernel.unit_of_work import UnitOfWork
from offer.experiments.domain.errors import ExperimentNotFound, ExperimentRunning
from offer.experiments.domain.experiment import DRAFT, RUNNING, STOPPED, Experiment
from offer.offers.use_cases.offers import find_offer

LISTED = "experiment"
"""Kind of the unique key of an experiment: the id of its offer and its own."""
RUNS = "running_experiment"
"""Kind of the unique key of the experiment that runs on an offer: the id of the offer."""
LAST = "last_experiment"
"""Kind of the unique key of the experiment that was stopped last on an offer, until another is started."""


@dataclass(frozen=True, slots=True)
class ExperimentRef:
    offer_id: UUID
    experiment_id: UUID


async def find_experiment(ref: ExperimentRef, work: UnitOfWork) -> Experiment:
    """Raises ``ExperimentNotFound``."""
    experiment = await work.open(Experiment, ref.experiment_id)
    if not experiment.exists or experiment.removed or experiment.offer_id != ref.offer_id:
        raise ExperimentNotFound("The offer has no such experiment.")
    return experiment


async def experiments_on(offer_ids: Iterable[UUID], work: UnitOfWork) -> dict[UUID, Experiment]:
    """By offer, those that decide what a session sees."""
    wanted = [str(it) for it in offer_ids]
    await work.preload_keys(keys_of_experiments(wanted))
    last, running = await work.owners_of_keys(LAST, wanted), await work.owners_of_keys(RUNS, wanted)
    owners = {**last, **running}
    found = await work.open_many(Experiment, owners.values()) if owners else {}
    return {UUID(offer_id): found[owner] for offer_id, owner in owners.items()}


def keys_of_experiments(offer_ids: Iterable[str]) -> UniqueKeys:
    """Those that ``experiments_on`` asks for."""
    return ((kind, it) for it in offer_ids for kind in (LAST, RUNS))


async def experiment_on(offer_id: UUID, work: UnitOfWork) -> Experiment | None:
    """The one that decides what a session sees: that which runs, or else the one that was stopped last."""
    for kind in (RUNS, LAST):
        owner = await work.owner_of_key(kind, str(offer_id))
        if owner is not None:
            return await work.open(Experiment, owner)
    return None


@dataclass(frozen=True, slots=True)
class NewVariant:
    name: str
    weight: int
    changes: Changes


@dataclass(frozen=True, slots=True)
class CreateExperiment:
    offer_id: UUID
    name: str
    variants: Sequence[NewVariant]


async def create_experiment(command: CreateExperiment, work: UnitOfWork) -> Experiment:
    """A draft. Raises ``OfferNotFound`` and ``Invalid``."""
    offer = await find_offer(command.offer_id, work)
    experiment = work.create(Experiment, ids.new_id())
    variants = [
        Variant(variant_id=ids.new_id(), name=it.name, weight=it.weight, changes=it.changes)
        for it in command.variants
    ]
    experiment.create(offer, command.name, variants)
    work.claim_key(LISTED, f"{offer.id}:{experiment.id}", experiment.id)
    return experiment


async def start_experiment(ref: ExperimentRef, work: UnitOfWork) -> Experiment:
    """Its variants are shown from now on. Raises ``ExperimentNotFound``, ``ExperimentRunning`` and
    ``ExperimentStatusConflict``."""
    experiment = await find_experiment(ref, work)
    if experiment.status == DRAFT:
        running = await work.owner_of_key(RUNS, str(ref.offer_id))
        if running is not None:
            detail = "Another experiment of the offer is running."
            raise ExperimentRunning(detail, experiment_id=str(running))
        work.claim_key(RUNS, str(ref.offer_id), experiment.id)
        work.release_key(LAST, str(ref.offer_id))
    experiment.start()
    return experiment


async def stop_experiment(ref: ExperimentRef, winner: UUID | None, work: UnitOfWork) -> Experiment:
    """All sessions see the winner from now on, or without one the offer itself. Raises
    ``ExperimentNotFound``, ``ExperimentStatusConflict`` and ``Invalid``."""
    experiment = await find_experiment(ref, work)
    was_running = experiment.status == RUNNING
    experiment.stop(winner)
    if was_running:
        work.release_key(RUNS, str(ref.offer_id))
        work.claim_key(LAST, str(ref.offer_id), experiment.id)
    return experiment


async def remove_experiment(ref: ExperimentRef, work: UnitOfWork) -> Experiment:
    """Only a draft. Raises ``ExperimentNotFound``, ``ExperimentRunning`` and ``ExperimentStatusConflict``."""
    experiment = await find_experiment(ref, work)
    experiment.remove()
    work.release_key(LISTED, f"{ref.offer_id}:{experiment.id}")
    return experiment


async def claim_again(experiment: Experiment, work: UnitOfWork) -> None:
    """Claim the keys of an experiment whose facts have been recovered. Of several that were stopped the last
    one created counts."""
    if experiment.removed:
        return
    work.claim_key(LISTED, f"{experiment.offer_id}:{experiment.id}", experiment.id)
    if experiment.status == RUNNING:
        work.claim_key(RUNS, str(experiment.offer_id), experiment.id)
    if experiment.status == STOPPED and not await work.owner_of_key(RUNS, str(experiment.offer_id)):
        work.claim_key(LAST, str(experiment.offer_id), experiment.id)
