"""What a shop does with the rules of referral programs: create, change and disable them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from contracts.referral_rule import RuleDetails
from kernel import ids
from kernel.unit_of_work import UnitOfWork
from offer.referral.domain.errors import ReferralNotFound
from offer.referral.domain.rule import ReferralRule
from offer.referral.use_cases.programs import find_program

LISTED = "referral_rule"
"""Kind of the unique key that every rule claims with its own id; the list of rules reads it."""
OF_PROGRAM = "referral_rule_of_program"
"""Its values are the program's id and the rule's, so that the rules of a program are found."""


async def find_rule(rule_id: UUID, work: UnitOfWork) -> ReferralRule:
    """Raises ``ReferralNotFound``."""
    rule = await work.open(ReferralRule, rule_id)
    if not rule.exists:
        raise ReferralNotFound("There is no such referral rule.")
    return rule


async def create_rule(details: RuleDetails, work: UnitOfWork) -> ReferralRule:
    """Raises ``ReferralNotFound`` for the program."""
    await find_program(details.program_id, work)
    rule = work.create(ReferralRule, ids.new_id())
    rule.create(details)
    await claim_again(rule, work)
    return rule


@dataclass(frozen=True, slots=True)
class ChangeRule:
    rule_id: UUID
    fields: Mapping[str, Any]
    """Fields of ``RuleDetails``; a field that is left out keeps its value."""
    stacking: Mapping[str, Any]
    """Fields of its ``Stacking``, likewise."""


async def change_rule(command: ChangeRule, work: UnitOfWork) -> ReferralRule:
    """Raises ``ReferralNotFound``."""
    rule = await find_rule(command.rule_id, work)
    old = rule.details.model_dump()
    stacking = {**old["stacking"], **command.stacking}
    rule.change(RuleDetails.model_validate({**old, **command.fields, "stacking": stacking}))
    return rule


async def disable_rule(rule_id: UUID, work: UnitOfWork) -> ReferralRule:
    """For good; uses that are already held stay held. Raises ``ReferralNotFound``."""
    rule = await find_rule(rule_id, work)
    rule.disable()
    return rule


async def claim_again(rule: ReferralRule, work: UnitOfWork) -> None:
    """Claim the keys of a rule that is new, or whose facts have been recovered."""
    work.claim_key(LISTED, str(rule.id), rule.id)
    work.claim_key(OF_PROGRAM, f"{rule.details.program_id}:{rule.id}", rule.id)
