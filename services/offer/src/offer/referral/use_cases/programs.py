"""What a shop does with referral programs: create, change, activate and pause them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from contracts.referral_program import ProgramDetails
from kernel import ids
from kernel.unit_of_work import UnitOfWork
from offer.referral.domain.errors import ReferralNotFound
from offer.referral.domain.program import ReferralProgram

LISTED = "referral_program"
"""Kind of the unique key that every program claims with its own id; the list of programs reads it."""


async def find_program(program_id: UUID, work: UnitOfWork) -> ReferralProgram:
    """Raises ``ReferralNotFound``."""
    program = await work.open(ReferralProgram, program_id)
    if not program.exists:
        raise ReferralNotFound("There is no such referral program.")
    return program


async def create_program(details: ProgramDetails, work: UnitOfWork) -> ReferralProgram:
    program = work.create(ReferralProgram, ids.new_id())
    program.create(details)
    await claim_again(program, work)
    return program


@dataclass(frozen=True, slots=True)
class ChangeProgram:
    program_id: UUID
    fields: Mapping[str, Any]
    """Fields of ``ProgramDetails``; a field that is left out keeps its value."""


async def change_program(command: ChangeProgram, work: UnitOfWork) -> ReferralProgram:
    """Raises ``ReferralNotFound``."""
    program = await find_program(command.program_id, work)
    program.change(ProgramDetails.model_validate({**program.details.model_dump(), **command.fields}))
    return program


async def activate_program(program_id: UUID, work: UnitOfWork) -> ReferralProgram:
    """Raises ``ReferralNotFound``."""
    program = await find_program(program_id, work)
    program.activate()
    return program


async def pause_program(program_id: UUID, work: UnitOfWork) -> ReferralProgram:
    """Raises ``ReferralNotFound``."""
    program = await find_program(program_id, work)
    program.pause()
    return program


async def claim_again(program: ReferralProgram, work: UnitOfWork) -> None:
    """Claim the key of a program that is new, or whose facts have been recovered."""
    work.claim_key(LISTED, str(program.id), program.id)
