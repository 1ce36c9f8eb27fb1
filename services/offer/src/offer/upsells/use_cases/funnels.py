"""What a shop does with the funnel of an offer: add, change and remove its steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from contracts.funnel import FunnelStep
from kernel import ids
from kernel.unit_of_work import UnitOfWork
from offer.offers.use_cases.offers import find_offer
from offer.upsells.domain.errors import UpsellNotFound
from offer.upsells.domain.funnel import Funnel, funnel_id
from offer.upsells.domain.upsell import Upsell


@dataclass(frozen=True, slots=True)
class FoundStep:
    """``version``: that of all steps of the offer together."""

    step_id: UUID
    step: FunnelStep
    version: int


async def find_funnel(offer_id: UUID, work: UnitOfWork) -> Funnel:
    """The steps of the offer, if it has any. Raises ``OfferNotFound``."""
    await find_offer(offer_id, work)
    return await work.open(Funnel, funnel_id(offer_id))


@dataclass(frozen=True, slots=True)
class AddStep:
    offer_id: UUID
    step: FunnelStep


async def add_step(command: AddStep, work: UnitOfWork) -> FoundStep:
    """Raises ``OfferNotFound``, ``UpsellNotFound`` and ``Invalid``."""
    funnel = await find_funnel(command.offer_id, work)
    await _check_upsells(command.offer_id, command.step, work)
    step_id = ids.new_id()
    funnel.add(command.offer_id, step_id, command.step)
    return FoundStep(step_id, command.step, funnel.version)


@dataclass(frozen=True, slots=True)
class ChangeStep:
    offer_id: UUID
    step_id: UUID
    fields: Mapping[str, Any]
    """Fields of ``FunnelStep``; a field that is left out keeps its value."""


async def change_step(command: ChangeStep, work: UnitOfWork) -> FoundStep:
    """Raises ``OfferNotFound``, ``FunnelStepNotFound``, ``UpsellNotFound`` and ``Invalid``."""
    funnel = await find_funnel(command.offer_id, work)
    old = funnel.step(command.step_id)
    step = FunnelStep.model_validate({**old.model_dump(), **command.fields})
    await _check_upsells(command.offer_id, step, work)
    funnel.change(command.offer_id, command.step_id, step)
    return FoundStep(command.step_id, step, funnel.version)


@dataclass(frozen=True, slots=True)
class RemoveStep:
    offer_id: UUID
    step_id: UUID


async def remove_step(command: RemoveStep, work: UnitOfWork) -> Funnel:
    """Raises ``OfferNotFound`` and ``FunnelStepNotFound``."""
    funnel = await find_funnel(command.offer_id, work)
    funnel.remove(command.offer_id, command.step_id)
    return funnel


async def _check_upsells(offer_id: UUID, step: FunnelStep, work: UnitOfWork) -> None:
    named = [it for it in (step.upsell_id, step.after) if it is not None]
    for upsell_id, upsell in (await work.open_many(Upsell, named)).items():
        if not upsell.exists or upsell.removed or upsell.offer_id != offer_id:
            raise UpsellNotFound("The offer has no such upsell.", upsell_id=str(upsell_id))
