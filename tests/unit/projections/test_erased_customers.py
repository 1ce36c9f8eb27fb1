"""An erased customer is in a table of their own, until they give personal data again."""

from __future__ import annotations

from datetime import UTC, date, datetime

from contracts import customer
from projections.models.erased_customers.model import ERASED_CUSTOMERS
from tests.support.shoppers import Story, named
from tests.unit.projections.expected_rows import states

JANUARY = datetime(2026, 1, 31, 12, tzinfo=UTC)
ANN, GUEST = named("ann"), named("guest")


def erased(story: Story) -> object:
    folded = states(ERASED_CUSTOMERS, story.happened).values()
    return {key: values for state in folded for key, values in ERASED_CUSTOMERS.rows(state).items()}


def test_all_ids_of_the_person_are_erased_each_by_its_own_fact() -> None:
    story = Story(JANUARY)
    story.tell(customer.Created, ANN, personal="x", guest=False, customer_id="ann")
    for stream, id_ in ((ANN, "ann"), (GUEST, "guest")):
        story.tell(customer.Erased, stream, customer_id=id_, ids=("ann", "guest"))
    assert erased(story) == {("ann",): (date(2026, 1, 31),), ("guest",): (date(2026, 1, 31),)}


def test_who_comes_back_is_not_erased_any_more_until_the_next_time() -> None:
    story = Story(JANUARY)
    story.tell(customer.Erased, ANN, customer_id="ann")
    story.tell(customer.Changed, ANN, customer_id="ann", personal="y")
    assert erased(story) == {}
    story.later(days=1)
    story.tell(customer.Erased, ANN, customer_id="ann")
    assert erased(story) == {("ann",): (date(2026, 2, 1),)}
