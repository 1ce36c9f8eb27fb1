"""The customers whose personal data was erased and who have not come back: no list names them any more.

Their sales stay, under an id that names no person, so no sum changes. An erasure counts at once, also in
answers as of an earlier day.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import assert_never, get_args
from uuid import UUID

from pydantic import BaseModel

from contracts import customer
from kernel.projections.folding import RowKey
from kernel.projections.model import day_of
from kernel.projections.rows import RowModel, RowValues


class Erasure(BaseModel):
    customer_id: str = ""
    erased_on: date | None = None
    """None: never, or the customer has given personal data again since."""


KnownFact = customer.Created | customer.Changed | customer.ContactSet | customer.Erased


def subject(fact: KnownFact) -> UUID:
    return fact.originator_id


def fold(state: Erasure, fact: KnownFact, occurred_at: datetime, recorded_at: datetime) -> None:  # noqa: ARG001
    match fact:
        case customer.Erased(customer_id=customer_id):
            state.customer_id, state.erased_on = customer_id, day_of(recorded_at)
        case customer.Created() | customer.Changed() | customer.ContactSet():
            state.erased_on = None
        case _:
            assert_never(fact)


def rows(state: Erasure) -> dict[RowKey, RowValues]:
    return {(state.customer_id,): (state.erased_on,)} if state.erased_on else {}


ERASED_CUSTOMERS: RowModel[Erasure, KnownFact] = RowModel(
    name="erased_customers",
    version=1,
    facts=get_args(KnownFact),
    selective=True,
    keys={"customer_id": "text"},
    columns={"erased_on": "date"},
    state=Erasure,
    subject=subject,
    fold=fold,
    rows=rows,
)
