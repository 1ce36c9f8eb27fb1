"""What one session, cart, order or exposure did with offers: each thing once, on the day on which it was
first seen."""

from __future__ import annotations

from datetime import date, datetime
from typing import assert_never
from uuid import UUID

from pydantic import BaseModel

from contracts import cart, offer, order
from kernel.ids import NIL_ID, derive_id
from kernel.projections.model import day_of

VIEWS, SESSIONS, ITEMS_ADDED, PROMOTIONS = "views", "sessions", "items_added", "promotions_applied"
SHOWN, TAKEN, EXPOSURES, CONVERSIONS = "upsells_shown", "upsells_taken", "exposures", "conversions"
MEASURES = (VIEWS, SESSIONS, ITEMS_ADDED, PROMOTIONS, SHOWN, TAKEN, EXPOSURES, CONVERSIONS)


class Shown(BaseModel):
    """An offer, by the variant of an experiment or as it is."""

    offer_id: UUID
    variant_id: UUID = NIL_ID


class Mark(Shown):
    measure: str
    day: date


class Activity(BaseModel):
    marks: dict[str, Mark] = {}
    """By measure, offer and what is counted."""
    lines: dict[UUID, Shown] = {}
    """The lines of offers that the cart holds."""

    def count(self, measure: str, shown: Shown, what: object, day: date) -> None:
        """Idempotent and independent of the sequence of facts: ``what`` counts once for the offer."""
        key = f"{measure} {shown.offer_id} {what}"
        mark = Mark(offer_id=shown.offer_id, variant_id=shown.variant_id, measure=measure, day=day)
        known = self.marks.get(key)
        if known is None or (mark.day, mark.variant_id) < (known.day, known.variant_id):
            self.marks[key] = mark

    def of(self, measure: str, what: object) -> Mark | None:
        """What was counted of any offer."""
        return next((it for key, it in self.marks.items() if key == f"{measure} {it.offer_id} {what}"), None)


SessionFact = offer.Viewed | offer.VariantSelected | offer.VariantConverted
CartFact = cart.ItemAdded | cart.ItemRemoved | cart.Cleared | cart.DiscountApplied | cart.UpsellsOffered
OrderFact = order.UpsellsProposed | order.UpsellBought
KnownFact = SessionFact | CartFact | OrderFact


def subject(fact: KnownFact) -> UUID:
    """All views of an offer in a session are one subject, so that the session counts once."""
    match fact:
        case offer.Viewed(offer_id=offer_id, session_id=str(session_id)):
            return derive_id(offer_id, session_id)
        case _:
            return fact.originator_id


def fold(state: Activity, fact: KnownFact, occurred_at: datetime, recorded_at: datetime) -> None:  # noqa: ARG001
    day = day_of(occurred_at)
    match fact:
        case offer.Viewed() | offer.VariantSelected() | offer.VariantConverted():
            _look(state, fact, day)
        case (
            cart.ItemAdded()
            | cart.ItemRemoved()
            | cart.Cleared()
            | cart.DiscountApplied()
            | cart.UpsellsOffered()
        ):
            _shop(state, fact, day)
        case order.UpsellsProposed() | order.UpsellBought():
            _buy_more(state, fact, day)
        case _:
            assert_never(fact)


def _look(state: Activity, fact: SessionFact, day: date) -> None:
    match fact:
        case offer.Viewed(offer_id=offer_id, variant_id=variant_id):
            shown = Shown(offer_id=offer_id, variant_id=variant_id or NIL_ID)
            state.count(VIEWS, shown, fact.originator_id, day)
            if fact.session_id is not None:
                state.count(SESSIONS, shown, "", day)
        case offer.VariantSelected(offer_id=offer_id, variant_id=variant_id):
            state.count(EXPOSURES, Shown(offer_id=offer_id, variant_id=variant_id), "", day)
        case offer.VariantConverted():
            if (exposed := state.of(EXPOSURES, "")) is not None:
                state.count(CONVERSIONS, exposed, "", exposed.day)
        case _:
            assert_never(fact)


def _shop(state: Activity, fact: CartFact, day: date) -> None:
    match fact:
        case cart.ItemAdded(offer_id=offer_id):
            if offer_id is not None:
                _add(state, fact, offer_id, day)
        case cart.ItemRemoved(item_id=item_id):
            state.lines.pop(item_id, None)
        case cart.Cleared():
            state.lines.clear()
        case cart.DiscountApplied(promotion_id=promotion_id):
            for held in state.lines.values():
                state.count(PROMOTIONS, held, promotion_id, day)
        case cart.UpsellsOffered(upsells=upsells):
            for it in upsells:
                state.count(SHOWN, Shown(offer_id=it.offer_id), it.upsell_id, day)
        case _:
            assert_never(fact)


def _add(state: Activity, fact: cart.ItemAdded, offer_id: UUID, day: date) -> None:
    """An order bump that adds itself was never offered: it was shown in the cart all the same."""
    variant_id = NIL_ID if fact.experiment is None else fact.experiment.variant_id
    shown = state.lines[fact.item_id] = Shown(offer_id=offer_id, variant_id=variant_id)
    if fact.upsell_id is None:
        state.count(ITEMS_ADDED, shown, fact.item_id, day)
    else:
        for measure in (SHOWN, TAKEN):
            state.count(measure, Shown(offer_id=offer_id), fact.upsell_id, day)


def _buy_more(state: Activity, fact: OrderFact, day: date) -> None:
    """After the order."""
    match fact:
        case order.UpsellsProposed(upsells=upsells):
            for proposal in upsells:
                for line in proposal.sale.lines:
                    if line.offer_id is not None:
                        state.count(SHOWN, Shown(offer_id=line.offer_id), proposal.upsell_id, day)
        case order.UpsellBought(upsell_id=upsell_id):
            if (proposed := state.of(SHOWN, upsell_id)) is not None:
                state.count(TAKEN, proposed, upsell_id, day)
        case _:
            assert_never(fact)
