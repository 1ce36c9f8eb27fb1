"""A rule of a referral program: its rewards and conditions, and its uses."""

from collections import Counter
from collections.abc import Collection
from datetime import datetime, timedelta
from itertools import chain
from typing import assert_never
from uuid import UUID

from contracts import referral_rule as facts
from kernel.domain import Aggregate
from offer.referral.domain.rule_terms import check_rule
from pricing.referral_candidates import Uses

SETTLED = timedelta(days=30)
"""A use is given back while its checkout goes on; after that time the last one alone counts for cooldowns."""
NO_DETAILS = facts.RuleDetails(program_id=UUID(int=0), trigger="signup")


class ReferralRule(Aggregate):
    """The caller, ``Redemption``, has judged whether the rule may be used, and records what a checkout
    holds."""

    CREATED_BY = facts.Created.TYPE

    def initialise(self) -> None:
        self.details = NO_DETAILS
        self.disabled = False
        self.used = 0
        """Uses held or redeemed."""
        self.used_by_referrer: Counter[str] = Counter()
        self.used_by_referee: Counter[str] = Counter()
        self.redeemed: dict[str, dict[UUID, datetime]] = {}
        """Of each referee: the checkouts whose use was redeemed in the last 30 days, and the last one before,
        and when that was."""
        self.rewards = 0
        """Orders that have earned a referrer's reward and were not cancelled."""
        self.rewards_by_referee: Counter[str] = Counter()
        self.rewards_by_referrer: Counter[str] = Counter()

    def create(self, details: facts.RuleDetails) -> None:
        check_rule(details)
        self.record(facts.Created(details=details))

    def change(self, details: facts.RuleDetails) -> None:
        """Uses that are already held stay held."""
        check_rule(details)
        if details != self.details:
            self.record(facts.Changed(details=details))

    def disable(self) -> None:
        if not self.disabled:
            self.record(facts.Disabled())

    def hold(self, checkout_id: UUID, referee_id: str, referrer_id: str) -> None:
        self.record(facts.UseHeld(checkout_id=checkout_id, referee_id=referee_id, referrer_id=referrer_id))

    def redeem(self, checkout_id: UUID, referee_id: str, referrer_id: str) -> None:
        self.record(
            facts.UseRedeemed(checkout_id=checkout_id, referee_id=referee_id, referrer_id=referrer_id)
        )

    def release(self, checkout_id: UUID, referee_id: str, referrer_id: str) -> None:
        self.record(
            facts.UseReleased(checkout_id=checkout_id, referee_id=referee_id, referrer_id=referrer_id)
        )

    def count_reward(self, order_id: UUID, referee_id: str, referrer_id: str) -> None:
        """The caller has judged whether the order earns the referrer's reward, and records that it does."""
        self.record(facts.RewardCounted(order_id=order_id, referee_id=referee_id, referrer_id=referrer_id))

    def withdraw_reward(self, order_id: UUID, referee_id: str, referrer_id: str) -> None:
        self.record(facts.RewardWithdrawn(order_id=order_id, referee_id=referee_id, referrer_id=referrer_id))

    def rewarded(self, referee_ids: Collection[str], referrer_id: str) -> Uses:
        """The rewards so far; ``referee_ids``: all ids of the one who buys."""
        return Uses(
            total=self.rewards,
            of_referrer=self.rewards_by_referrer[referrer_id],
            of_referee=sum(self.rewards_by_referee[it] for it in referee_ids),
        )

    def uses(self, referee_ids: Collection[str], referrer_id: str) -> Uses:
        """``referee_ids``: all ids of the one who buys."""
        redeemed = (self.redeemed.get(it, {}).values() for it in referee_ids)
        return Uses(
            total=self.used,
            of_referrer=self.used_by_referrer[referrer_id],
            of_referee=sum(self.used_by_referee[it] for it in referee_ids),
            last_redeemed_at=max(chain.from_iterable(redeemed), default=None),
        )

    def evolve(self, fact: facts.ReferralRuleFact) -> None:
        match fact:
            case facts.Created(details=details) | facts.Changed(details=details):
                self.details = details
            case facts.Disabled():
                self.disabled = True
            case facts.UseHeld():
                self._count(fact, 1)
            case facts.UseRedeemed(checkout_id=checkout_id, referee_id=referee_id):
                of_referee = {**self.redeemed.get(referee_id, {}), checkout_id: fact.timestamp}
                self.redeemed[referee_id] = _without_settled(of_referee, fact.timestamp)
            case facts.UseReleased(checkout_id=checkout_id, referee_id=referee_id):
                self._count(fact, -1)
                of_referee = self.redeemed.get(referee_id, {})
                of_referee.pop(checkout_id, None)
                if not of_referee:
                    self.redeemed.pop(referee_id, None)
            case facts.RewardCounted():
                self._count_reward(fact, 1)
            case facts.RewardWithdrawn():
                self._count_reward(fact, -1)
            case _:
                assert_never(fact)

    def _count(self, fact: facts.UseHeld | facts.UseReleased, uses: int) -> None:
        self.used += uses
        _add(self.used_by_referrer, fact.referrer_id, uses)
        _add(self.used_by_referee, fact.referee_id, uses)

    def _count_reward(self, fact: facts.RewardCounted | facts.RewardWithdrawn, rewards: int) -> None:
        self.rewards += rewards
        _add(self.rewards_by_referrer, fact.referrer_id, rewards)
        _add(self.rewards_by_referee, fact.referee_id, rewards)


def _add(counter: Counter[str], person: str, number: int) -> None:
    counter[person] += number
    if not counter[person]:
        del counter[person]


def _without_settled(redeemed: dict[UUID, datetime], now: datetime) -> dict[UUID, datetime]:
    """Those of before ``SETTLED`` but for the last one are left out."""
    last = max((at for at in redeemed.values() if at < now - SETTLED), default=now)
    return {checkout_id: at for checkout_id, at in redeemed.items() if at >= min(last, now - SETTLED)}
