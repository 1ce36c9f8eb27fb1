"""Activity of offers: each session, cart and order counts once for each thing that it did."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import offer, order
from contracts.sale import Exposure, Sale, SaleLine, Totals
from contracts.upsell import Proposal
from kernel.ids import NIL_ID
from projections.models.offer_activity.model import OFFER_ACTIVITY
from projections.models.offer_activity.state import MEASURES
from tests.support.purchases import Happening
from tests.support.shoppers import CartStory, Story, named
from tests.unit.projections.expected_rows import interleavings, of_one_tenant, states

EVENING = datetime(2026, 1, 1, 23, 50, tzinfo=UTC)
FIRST, SECOND = date(2026, 1, 1), date(2026, 1, 2)
COURSE, BOOK = named("course"), named("book")
A, B = named("variant a"), named("variant b")
BUMP = named("bump")


def table(happened: Iterable[Happening]) -> dict[Any, Any]:
    return of_one_tenant(OFFER_ACTIVITY, happened)


def totals(story: Story, offer_id: UUID = COURSE) -> dict[str, int]:
    """Of all days and variants, without zeros."""
    rows = [measures for key, measures in table(story.happened).items() if key[0] == offer_id]
    sums = dict(zip(MEASURES, map(sum, zip(*rows, strict=True)), strict=True)) if rows else {}
    return {measure: count for measure, count in sums.items() if count}


def view(story: Story, session: str | None, offer_id: UUID = COURSE, variant: UUID | None = None) -> None:
    stream = named(f"view {len(story.happened)}")
    story.tell(offer.Viewed, stream, offer_id=offer_id, session_id=session, variant_id=variant)


def expose(story: Story, session: str, variant: UUID) -> None:
    seen = {"offer_id": COURSE, "experiment_id": named("experiment"), "variant_id": variant}
    story.tell(offer.VariantSelected, named(f"exposure {session}"), **seen, session_id=session)


def convert(story: Story, session: str, variant: UUID) -> None:
    seen = {"offer_id": COURSE, "experiment_id": named("experiment"), "variant_id": variant}
    bought = {"session_id": session, "order_id": named("order")}
    story.tell(offer.VariantConverted, named(f"exposure {session}"), **seen, **bought)


def propose(story: Story, order_id: UUID, upsell_id: UUID) -> None:
    amounts: dict[str, Any] = {"quantity": 1, "unit_price": 5, "discount": 0, "tax": 0, "total": 5}
    line = SaleLine(
        line_id="1",
        product_id=named("lamp"),
        product_type="physical",
        offer_id=COURSE,
        sku="LAMP",
        name="Lamp",
        **amounts,
    )
    totals = Totals(subtotal=5, discount=0, shipping=0, tax=0, total=5)
    sale = Sale(currency="USD", lines=(line,), totals=totals)
    proposal = Proposal(
        upsell_id=upsell_id, product_id=named("lamp"), name="Lamp", quantity=1, sale=sale, digest=""
    )
    story.tell(order.UpsellsProposed, order_id, upsells=(proposal,), expires_at=story.at)


def test_a_session_that_looks_again_is_the_same_session() -> None:
    story = Story(EVENING)
    view(story, "s-1")
    view(story, "s-1")
    view(story, "s-2")
    view(story, None)
    assert totals(story) == {"views": 4, "sessions": 2}


def test_a_session_counts_on_the_day_of_its_first_view() -> None:
    story = Story(EVENING)
    view(story, "s-1")
    story.later(minutes=20)
    view(story, "s-1")
    found = {key[2]: measures[:2] for key, measures in table(story.happened).items()}
    assert found == {FIRST: (1, 1), SECOND: (1, 0)}


def test_a_session_counts_for_each_offer_that_it_looks_at() -> None:
    story = Story(EVENING)
    view(story, "s-1")
    view(story, "s-1", BOOK)
    assert (totals(story), totals(story, BOOK)) == ({"views": 1, "sessions": 1},) * 2


def test_an_item_counts_once_for_the_cart_that_it_is_added_to() -> None:
    story = CartStory()
    story.add(offer_id=COURSE, experiment=Exposure(experiment_id=A, variant_id=A, exposure_id=A))
    story.add(offer_id=COURSE, experiment=Exposure(experiment_id=A, variant_id=A, exposure_id=A))
    story.add("pen")
    assert totals(story) == {"items_added": 1}
    assert {key[1] for key in table(story.happened)} == {A}


def test_a_promotion_counts_for_the_offers_that_the_cart_holds() -> None:
    story = CartStory()
    story.add(offer_id=COURSE)
    story.add("book", offer_id=BOOK)
    story.remove("book")
    story.apply("TENTH")
    story.apply("TENTH")
    assert totals(story) == {"items_added": 1, "promotions_applied": 1}
    assert totals(story, BOOK) == {"items_added": 1}


def test_an_upsell_counts_once_as_shown_and_once_as_taken() -> None:
    story = CartStory()
    story.add(offer_id=COURSE)
    story.offer_upsells((COURSE, BUMP))
    story.offer_upsells((COURSE, BUMP), (COURSE, named("other")))
    story.add("pen", offer_id=COURSE, upsell_id=BUMP)
    story.add("pen", offer_id=COURSE, upsell_id=BUMP)
    assert totals(story) == {"items_added": 1, "upsells_shown": 2, "upsells_taken": 1}


def test_an_order_bump_that_adds_itself_was_shown() -> None:
    story = CartStory()
    story.add("pen", offer_id=COURSE, upsell_id=BUMP)
    assert totals(story) == {"upsells_shown": 1, "upsells_taken": 1}


def test_an_upsell_that_is_bought_after_the_order_is_of_its_offer() -> None:
    story, order_id = Story(EVENING), named("order")
    propose(story, order_id, BUMP)
    assert totals(story) == {"upsells_shown": 1}
    story.tell(order.UpsellBought, order_id, upsell_id=BUMP, order_id=named("another order"))
    assert totals(story) == {"upsells_shown": 1, "upsells_taken": 1}


def test_a_conversion_counts_on_the_day_of_the_exposure() -> None:
    story = Story(EVENING)
    expose(story, "s-1", A)
    expose(story, "s-2", B)
    story.later(hours=5)
    convert(story, "s-2", B)
    found = {key: measures[-2:] for key, measures in table(story.happened).items()}
    assert found == {(COURSE, A, FIRST): (1, 0), (COURSE, B, FIRST): (1, 1)}


def test_what_is_of_no_variant_is_of_the_offer_itself() -> None:
    story = Story(EVENING)
    view(story, "s-1")
    assert list(table(story.happened)) == [(COURSE, NIL_ID, FIRST)]


@pytest.mark.parametrize("session", ["s-1", None])
@given(data=st.data())
def test_the_order_of_views_does_not_matter(session: str | None, data: st.DataObject) -> None:
    story = Story(EVENING)
    for variant in (None, A, B, None):
        view(story, session, variant=variant)
        story.later(minutes=data.draw(st.integers(0, 20)))
    reordered = data.draw(interleavings(story.happened))
    assert states(OFFER_ACTIVITY, reordered) == states(OFFER_ACTIVITY, story.happened)
    assert totals(story)["views"] == 4
