"""Attribute customers to the customers who referred them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from kernel import ids
from kernel.unit_of_work import UnitOfWork
from offer.customers.domain import CustomerProfile, Customers
from offer.referral.domain.attribution import ReferralAttribution
from offer.referral.domain.errors import ReferralNotFound, ReferralRefused
from offer.referral.domain.program import ReferralProgram
from offer.referral.use_cases.overrides import overrides_for
from offer.referral.use_cases.programs import find_program
from pricing.referral import is_blocked, is_in_audience, is_running

LISTED = "referral_attribution"
"""Kind of the unique key that every attribution claims with its own id; the list reads it."""
LIVE = "live_referral_attribution"
"""Its values are the referee's id and the program's: one live attribution for each."""


@dataclass(frozen=True, slots=True)
class Attribute:
    program_id: UUID
    referee_id: str
    referrer_id: str
    source: str | None = None


async def attribute(command: Attribute, work: UnitOfWork, customers: Customers) -> ReferralAttribution:
    """The first attribution of a referee in a program stays. Raises ``ReferralNotFound`` and
    ``ReferralRefused``."""
    program = await find_program(command.program_id, work)
    profile = (await customers.read(work.context.tenant, [command.referee_id]))[command.referee_id]
    if command.referrer_id in profile.ids:
        raise ReferralRefused("self_referral", "Customers cannot refer themselves.")
    if await work.owner_of_key(LIVE, live_key(command.referee_id, program.id)):
        raise ReferralRefused("already_attributed", "The referee has an attribution in this program.")
    await _check_may_take_part(program, profile, work)
    attribution = work.create(ReferralAttribution, ids.new_id())
    attribution.create(
        program.id,
        command.referee_id,
        command.referrer_id,
        command.source,
        confirmed=program.details.confirm == "automatic",
    )
    await claim_again(attribution, work)
    return attribution


async def _check_may_take_part(program: ReferralProgram, profile: CustomerProfile, work: UnitOfWork) -> None:
    referee_id = profile.customer_id
    overrides = await overrides_for([program.id], referee_id, profile.segments, work)
    if is_blocked(referee_id, profile.segments, overrides):
        raise ReferralRefused("blocked", "The referee is blocked in this program.")
    if not is_in_audience(program.details.audience, referee_id, profile.segments):
        raise ReferralRefused("not_in_audience", "The program is not for this referee.")
    if not is_running(program.for_judging, work.now):
        raise ReferralRefused("program_not_active", "The program is not active now.")


async def find_attribution(attribution_id: UUID, work: UnitOfWork) -> ReferralAttribution:
    """Raises ``ReferralNotFound``."""
    attribution = await work.open(ReferralAttribution, attribution_id)
    if not attribution.exists:
        raise ReferralNotFound("There is no such attribution.")
    return attribution


async def confirm_attribution(attribution_id: UUID, work: UnitOfWork) -> ReferralAttribution:
    """Raises ``ReferralNotFound`` and ``ReferralRefused``."""
    attribution = await find_attribution(attribution_id, work)
    attribution.confirm()
    return attribution


async def revoke_attribution(attribution_id: UUID, work: UnitOfWork) -> ReferralAttribution:
    """The referee can be attributed again. Raises ``ReferralNotFound``."""
    attribution = await find_attribution(attribution_id, work)
    if attribution.status != "revoked":
        attribution.revoke()
        work.release_key(LIVE, live_key(attribution.referee_id, attribution.program_id))
    return attribution


async def claim_again(attribution: ReferralAttribution, work: UnitOfWork) -> None:
    """Claim the keys of an attribution that is new, or whose facts have been recovered."""
    work.claim_key(LISTED, str(attribution.id), attribution.id)
    if attribution.status != "revoked":
        work.claim_key(LIVE, live_key(attribution.referee_id, attribution.program_id), attribution.id)


def live_key(referee_id: str, program_id: UUID) -> str:
    return f"{referee_id}:{program_id}"
