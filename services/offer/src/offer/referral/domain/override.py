"""An override: another reward, or a block, for one customer or one segment."""

from typing import assert_never
from uuid import UUID

from contracts import referral_override as facts
from contracts.referral_rule import Reward
from kernel import ids
from kernel.domain import Aggregate
from offer.catalogue.domain.errors import Invalid
from offer.referral.domain.rule_terms import check_reward


def override_id(target_id: UUID, scope: str, subject_id: str) -> UUID:
    """One for each subject and target, which is a program or a rule."""
    return ids.derive_id(target_id, f"override:{scope}:{subject_id}")


class ReferralOverride(Aggregate):
    CREATED_BY = facts.Set.TYPE

    def initialise(self) -> None:
        self.word: facts.Set | None = None
        """None after it was removed."""

    def set(
        self,
        scope: str,
        subject_id: str,
        program_id: UUID | None,
        rule_id: UUID | None,
        reward: Reward | None,
        *,
        block_referrals: bool | None,
    ) -> None:
        """It replaces what was set before for the subject and target. Raises ``Invalid``."""
        if reward is None and block_referrals is None:
            raise Invalid(("reward",), "An override has a reward, block_referrals, or both.")
        if reward is not None:
            check_reward(reward, ("reward",))
        if self.word is None or (self.word.reward, self.word.block_referrals) != (reward, block_referrals):
            self.record(
                facts.Set(
                    scope=scope,
                    subject_id=subject_id,
                    program_id=program_id,
                    rule_id=rule_id,
                    reward=reward,
                    block_referrals=block_referrals,
                )
            )

    def remove(self) -> None:
        if self.word is not None:
            self.record(facts.Removed())

    def evolve(self, fact: facts.ReferralOverrideFact) -> None:
        match fact:
            case facts.Set():
                self.word = fact
            case facts.Removed():
                self.word = None
            case _:
                assert_never(fact)
