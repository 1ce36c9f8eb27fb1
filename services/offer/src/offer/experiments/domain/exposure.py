"""What a session was shown of an experiment, and whether it has bought: at most one of each."""

from typing import assert_never
from uuid import UUID

from contracts import offer as facts
from kernel.domain import Aggregate


class Exposure(Aggregate):
    """Its id is derived from the experiment and the session, so that all processes find the same stream."""

    def initialise(self) -> None:
        self.shown: facts.VariantSelected | None = None
        self.converted = False

    def show(self, offer_id: UUID, experiment_id: UUID, variant_id: UUID, session_id: str | None) -> None:
        """Records the first exposure alone. ``session_id``: None if only its cart is known."""
        if self.shown is None:
            self.record(
                facts.VariantSelected(
                    offer_id=offer_id,
                    experiment_id=experiment_id,
                    variant_id=variant_id,
                    session_id=session_id,
                )
            )

    def convert(self, order_id: UUID) -> None:
        """Records the first paid order alone. Nothing was sold to a session without an exposure."""
        shown = self.shown
        if shown is not None and not self.converted:
            self.record(
                facts.VariantConverted(
                    offer_id=shown.offer_id,
                    experiment_id=shown.experiment_id,
                    variant_id=shown.variant_id,
                    session_id=shown.session_id,
                    order_id=order_id,
                )
            )

    def evolve(self, fact: facts.ExposureFact) -> None:
        match fact:
            case facts.VariantSelected():
                self.shown = fact
            case facts.VariantConverted():
                self.converted = True
            case _:
                assert_never(fact)


class ProposedUpsell(Aggregate):
    """That an upsell was proposed for a cart, once."""

    def initialise(self) -> None:
        """One fact is all that there is."""

    def trigger(self, offer_id: UUID, upsell_id: UUID, cart_id: UUID) -> None:
        if not self.exists:
            self.record(facts.UpsellTriggered(offer_id=offer_id, upsell_id=upsell_id, cart_id=cart_id))

    def evolve(self, fact: facts.UpsellTriggered) -> None:
        match fact:
            case facts.UpsellTriggered():
                pass
            case _:
                assert_never(fact)
