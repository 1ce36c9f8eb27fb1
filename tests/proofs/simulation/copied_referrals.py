"""Referrals of the cart's catalogue in memory: programs, rules with their uses, and attributions."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from contracts import referral_attribution, referral_program, referral_rule
from contracts.envelope import Fact
from contracts.referral_rule import RuleDetails
from pricing.referral_candidates import Attribution, Candidate, Program, Uses


@dataclass
class CountedRule:
    details: RuleDetails
    total: int = 0
    of_referrer: Counter[str] = field(default_factory=Counter)
    of_referee: Counter[str] = field(default_factory=Counter)
    redeemed_at: dict[tuple[str, UUID], datetime] = field(default_factory=dict)
    """By referee and checkout."""

    def count(self, fact: referral_rule.UseHeld | referral_rule.UseReleased, difference: int) -> None:
        self.total += difference
        self.of_referrer[fact.referrer_id] += difference
        self.of_referee[fact.referee_id] += difference

    def uses(self, attribution: Attribution) -> Uses:
        referee = attribution.referee_id
        return Uses(
            self.total,
            self.of_referrer[attribution.referrer_id],
            self.of_referee[referee],
            max((at for (who, _), at in self.redeemed_at.items() if who == referee), default=None),
        )


@dataclass
class CopiedReferrals:
    """Of all tenants. No merchant here overrides rewards or disables rules."""

    _programs: dict[tuple[str, UUID], Program] = field(default_factory=dict)
    _rules: dict[tuple[str, UUID], CountedRule] = field(default_factory=dict)
    _attributions: dict[tuple[str, UUID], Attribution] = field(default_factory=dict)

    def candidates(self, tenant: str, customer_id: str) -> tuple[Candidate, ...]:
        """The rules of the programs in which the customer has an attribution."""
        return tuple(
            Candidate(
                rule_id,
                rule.details,
                self._programs[tenant, attribution.program_id],
                attribution,
                uses=rule.uses(attribution),
            )
            for (owner, _), attribution in self._attributions.items()
            if (owner, attribution.referee_id) == (tenant, customer_id)
            for (_, rule_id), rule in self._rules.items()
            if rule.details.program_id == attribution.program_id
        )

    def note(self, tenant: str, fact: Fact) -> bool:
        """Returns whether it is a fact of referrals that is copied."""
        place = tenant, fact.originator_id
        match fact:
            case referral_program.Created(details=details):
                self._programs[place] = Program(fact.originator_id, details, is_active=False)
            case referral_program.Activated():
                self._programs[place] = replace(self._programs[place], is_active=True)
            case referral_rule.Created(details=terms):
                self._rules[place] = CountedRule(terms)
            case referral_rule.UseHeld():
                self._rules[place].count(fact, 1)
            case referral_rule.UseReleased():
                self._rules[place].count(fact, -1)
                self._rules[place].redeemed_at.pop((fact.referee_id, fact.checkout_id), None)
            case referral_rule.UseRedeemed(referee_id=referee, checkout_id=checkout_id):
                self._rules[place].redeemed_at[referee, checkout_id] = fact.timestamp
            case referral_attribution.Created(program_id=program, referee_id=referee, referrer_id=referrer):
                self._attributions[place] = Attribution(
                    fact.originator_id, program, referee, referrer, confirmed_at=None
                )
            case referral_attribution.Confirmed():
                confirmed = replace(self._attributions[place], confirmed_at=fact.timestamp)
                self._attributions[place] = confirmed
            case _:
                return False
        return True
