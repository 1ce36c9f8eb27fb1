"""A referral program: who may take part, when, and how long an attribution counts."""

from typing import assert_never

from contracts import referral_program as facts
from kernel.domain import Aggregate
from offer.catalogue.domain.errors import Invalid
from pricing.referral_candidates import Program


class ReferralProgram(Aggregate):
    """A draft until it is activated; then active or paused."""

    CREATED_BY = facts.Created.TYPE

    def initialise(self) -> None:
        self.details = facts.ProgramDetails(name="")
        self.status = "draft"

    def create(self, details: facts.ProgramDetails) -> None:
        _check(details)
        self.record(facts.Created(details=details))

    def change(self, details: facts.ProgramDetails) -> None:
        _check(details)
        if details != self.details:
            self.record(facts.Changed(details=details))

    def activate(self) -> None:
        if self.status != "active":
            self.record(facts.Activated())

    def pause(self) -> None:
        """A program that is not active has nothing to pause."""
        if self.status == "active":
            self.record(facts.Paused())

    @property
    def for_judging(self) -> Program:
        return Program(self.id, self.details, is_active=self.status == "active")

    def evolve(self, fact: facts.ReferralProgramFact) -> None:
        match fact:
            case facts.Created(details=details) | facts.Changed(details=details):
                self.details = details
            case facts.Activated():
                self.status = "active"
            case facts.Paused():
                self.status = "paused"
            case _:
                assert_never(fact)


def _check(details: facts.ProgramDetails) -> None:
    if details.starts_at and details.ends_at and details.starts_at >= details.ends_at:
        raise Invalid(("ends_at",), "The time is not after starts_at.")
    if (details.audience.kind == "all") != (not details.audience.ids):
        raise Invalid(("audience", "ids"), "Ids belong to the audiences users and groups, and to no other.")
