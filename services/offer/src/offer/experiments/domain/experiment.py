"""An experiment: variants of an offer, each shown to a share of the sessions while it runs."""

from collections.abc import Sequence
from typing import assert_never
from uuid import UUID

from contracts import experiment as facts
from kernel.domain import Aggregate
from kernel.ids import NIL_ID
from offer.catalogue.domain.errors import Invalid
from offer.experiments.domain.errors import ExperimentRunning, ExperimentStatusConflict
from offer.offers.domain.offer import Offer
from offer.offers.domain.offer_rules import check_price
from pricing.experiments import Assignment
from pricing.offer_price import with_variant

DRAFT, RUNNING, STOPPED = "draft", "running", "stopped"


class Experiment(Aggregate):
    """Its variants never change. Once stopped it is over; its winner, if any, is shown to all sessions."""

    CREATED_BY = facts.Created.TYPE

    def initialise(self) -> None:
        self.offer_id = NIL_ID
        self.details = facts.ExperimentDetails(name="", variants=())
        self.status = DRAFT
        self.winner: UUID | None = None
        self.removed = False

    def create(self, offer: Offer, name: str, variants: Sequence[facts.Variant]) -> None:
        """The first variant is the control. Raises ``Invalid`` for a price that the offer could not have."""
        for index, variant in enumerate(variants):
            check_price(with_variant(offer.details.price, variant.changes), ("variants", index, "changes"))
        details = facts.ExperimentDetails(name=name, variants=tuple(variants))
        self.record(facts.Created(offer_id=offer.id, details=details))

    def start(self) -> None:
        if self.status == STOPPED:
            raise self._conflict("An experiment that was stopped cannot be started again.")
        if self.status == DRAFT:
            self.record(facts.Started(offer_id=self.offer_id))

    def stop(self, winner: UUID | None) -> None:
        if self.status == DRAFT:
            raise self._conflict("The experiment has not been started.")
        if winner is not None and winner not in {it.variant_id for it in self.details.variants}:
            raise Invalid(("winner",), "The experiment has no such variant.")
        if self.status == RUNNING:
            self.record(facts.Stopped(offer_id=self.offer_id, winner=winner))
        elif winner != self.winner:
            raise self._conflict("The experiment was stopped with another winner.")

    def remove(self) -> None:
        if self.status == RUNNING:
            raise ExperimentRunning("The experiment is running.", experiment_id=str(self.id))
        if self.status == STOPPED:
            raise self._conflict("An experiment that was started is kept.")
        self.record(facts.Removed(offer_id=self.offer_id))

    @property
    def assignment(self) -> Assignment:
        """As it is now: it does not change with the aggregate."""
        return Assignment(self.id, self.details.variants, self.status == RUNNING, self.winner)

    def _conflict(self, detail: str) -> ExperimentStatusConflict:
        return ExperimentStatusConflict(detail, experiment_status=self.status)

    def evolve(self, fact: facts.ExperimentFact) -> None:
        match fact:
            case facts.Created(offer_id=offer_id, details=details):
                self.offer_id = offer_id
                self.details = details
            case facts.Started():
                self.status = RUNNING
            case facts.Stopped(winner=winner):
                self.status = STOPPED
                self.winner = winner
            case facts.Removed():
                self.removed = True
            case _:
                assert_never(fact)
