"""A campaign: other prices of offers and promotions of its own for some time, within a budget."""

from datetime import datetime
from typing import assert_never
from uuid import UUID

from contracts import campaign as facts
from kernel.domain import Aggregate
from offer.campaigns.domain.campaign_details import check_details
from offer.campaigns.domain.errors import CampaignStatusConflict

DRAFT, ACTIVE, PAUSED, ENDED = "draft", "active", "paused", "ended"


class Campaign(Aggregate):
    """Created as a draft, activated and paused any number of times, and ended for good. It runs while it is
    active, inside its window and not exhausted. What each checkout holds is kept by its ``Redemption``."""

    CREATED_BY = facts.Created.TYPE

    def initialise(self) -> None:
        self.details = facts.CampaignDetails(name="")
        self.status = DRAFT
        self.exhausted = False
        self.refused = 0
        """The amount that did not fit when it became exhausted."""
        self.held = 0
        self.used = 0

    def create(self, details: facts.CampaignDetails) -> None:
        check_details(details)
        self.record(facts.Created(details=details))

    def change(self, details: facts.CampaignDetails) -> None:
        """A budget that is too small for what is held or used already only takes no more. Raises ``Invalid``
        and ``CampaignStatusConflict``."""
        if self.status == ENDED:
            raise self._conflict("be changed")
        check_details(details)
        if details != self.details:
            self.record(facts.Changed(details=details))
            self._reopen_if_there_is_room()

    def start(self) -> None:
        if self.status == ENDED:
            raise self._conflict("be activated")
        if self.status != ACTIVE:
            self.record(facts.Started())

    def pause(self) -> None:
        if self.status not in {ACTIVE, PAUSED}:
            raise self._conflict("be paused")
        if self.status != PAUSED:
            self.record(facts.Paused())

    def end(self) -> None:
        if self.status != ENDED:
            self.record(facts.Ended())

    def runs_at(self, now: datetime, *, is_held: bool = False) -> bool:
        """``is_held``: for a checkout that holds a part of the budget. To it, it does not matter whether the
        rest is exhausted."""
        starts, ends = self.details.starts_at, self.details.ends_at
        is_in_window = (starts is None or starts <= now) and (ends is None or now < ends)
        return self.status == ACTIVE and is_in_window and (is_held or not self.exhausted)

    def prices(self, offer_id: UUID, now: datetime, *, is_held: bool = False) -> bool:
        """Whether it changes the price of the offer now. ``is_held``: as in ``runs_at``."""
        is_named = self.details.change is not None and offer_id in self.details.offer_ids
        return is_named and self.runs_at(now, is_held=is_held)

    def next_boundary(self, now: datetime) -> datetime | None:
        """The next beginning or end of its window."""
        if self.status == ENDED:
            return None
        bounds = self.details.starts_at, self.details.ends_at
        return min((it for it in bounds if it is not None and it > now), default=None)

    @property
    def remaining(self) -> int | None:
        """What is left of the budget; None without one."""
        budget = self.details.budget
        return None if budget is None else max(0, budget.amount - self.held - self.used)

    def cost_in(self, currency: str, amount: int) -> int:
        """What a sale in the currency takes from the budget. Sales in another one take nothing."""
        budget = self.details.budget
        return amount if budget is not None and budget.currency == currency else 0

    def fits(self, amount: int) -> bool:
        return self.remaining is None or (not self.exhausted and amount <= self.remaining)

    def refuse(self, amount: int) -> None:
        """The amount does not fit: from now on the campaign is exhausted."""
        if not self.exhausted:
            self.record(facts.Exhausted(refused=amount))

    def hold(self, checkout_id: UUID, amount: int) -> None:
        """The caller, ``Redemption``, has checked that it fits."""
        self.record(facts.BudgetHeld(checkout_id=checkout_id, amount=amount))

    def use(self, checkout_id: UUID, amount: int) -> None:
        self.record(facts.BudgetUsed(checkout_id=checkout_id, amount=amount))

    def release(self, checkout_id: UUID, amount: int, *, was_used: bool) -> None:
        self.record(facts.BudgetReleased(checkout_id=checkout_id, amount=amount, was_used=was_used))
        self._reopen_if_there_is_room()

    def _reopen_if_there_is_room(self) -> None:
        if self.exhausted and (self.remaining is None or self.remaining >= max(1, self.refused)):
            self.record(facts.Reopened())

    def _conflict(self, what: str) -> CampaignStatusConflict:
        return CampaignStatusConflict(
            f"A campaign that is {self.status} cannot {what}.", campaign_status=self.status
        )

    def evolve(self, fact: facts.CampaignFact) -> None:
        match fact:
            case facts.Created(details=details) | facts.Changed(details=details):
                self.details = details
            case facts.Started():
                self.status = ACTIVE
            case facts.Paused():
                self.status = PAUSED
            case facts.Ended():
                self.status = ENDED
            case facts.Exhausted(refused=refused):
                self.exhausted, self.refused = True, refused
            case facts.Reopened():
                self.exhausted, self.refused = False, 0
            case facts.BudgetHeld(amount=amount):
                self.held += amount
            case facts.BudgetUsed(amount=amount):
                self.held -= amount
                self.used += amount
            case facts.BudgetReleased(amount=amount, was_used=was_used):
                self.held -= 0 if was_used else amount
                self.used -= amount if was_used else 0
            case _:
                assert_never(fact)
