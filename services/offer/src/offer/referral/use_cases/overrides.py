"""What a shop does with referral overrides: set and remove them, and find those that are for a customer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from contracts.referral_override import Set
from contracts.referral_rule import Reward
from kernel.unit_of_work import UnitOfWork
from offer.referral.domain.errors import ReferralNotFound
from offer.referral.domain.override import ReferralOverride, override_id
from offer.referral.use_cases.programs import find_program
from offer.referral.use_cases.rules import find_rule

LISTED = "referral_override"
"""Kind of the unique key that every override claims with its own id while it is set."""


@dataclass(frozen=True, slots=True)
class SetOverride:
    """``program_id`` or ``rule_id`` is the target."""

    scope: str
    subject_id: str
    program_id: UUID | None = None
    rule_id: UUID | None = None
    reward: Reward | None = None
    block_referrals: bool | None = None


async def set_override(command: SetOverride, work: UnitOfWork) -> ReferralOverride:
    """Raises ``ReferralNotFound`` for the target."""
    if command.rule_id is not None:
        target = (await find_rule(command.rule_id, work)).id
    else:
        target = (await find_program(command.program_id or UUID(int=0), work)).id
    override = await work.open(ReferralOverride, override_id(target, command.scope, command.subject_id))
    was_set = override.word is not None
    override.set(
        command.scope,
        command.subject_id,
        command.program_id,
        command.rule_id,
        command.reward,
        block_referrals=command.block_referrals,
    )
    if not was_set:
        await claim_again(override, work)
    return override


async def find_override(found_id: UUID, work: UnitOfWork) -> ReferralOverride:
    """One that is set. Raises ``ReferralNotFound``."""
    override = await work.open(ReferralOverride, found_id)
    if override.word is None:
        raise ReferralNotFound("There is no such referral override.")
    return override


async def remove_override(found_id: UUID, work: UnitOfWork) -> ReferralOverride:
    """Raises ``ReferralNotFound``."""
    override = await find_override(found_id, work)
    override.remove()
    work.release_key(LISTED, str(override.id))
    return override


async def overrides_for(
    targets: Iterable[UUID], customer_id: str, segments: Iterable[str], work: UnitOfWork
) -> tuple[Set, ...]:
    """Those for the customer and its groups, of any of these programs and rules."""
    subjects = [("user", customer_id), *(("group", it) for it in segments)]
    wanted = {override_id(target, *subject) for target in targets for subject in subjects}
    found = await work.open_many(ReferralOverride, wanted)
    return tuple(it.word for it in found.values() if it.word is not None)


async def claim_again(override: ReferralOverride, work: UnitOfWork) -> None:
    """Claim the key of an override that is set anew, or whose facts have been recovered."""
    if override.word is not None:
        work.claim_key(LISTED, str(override.id), override.id)
