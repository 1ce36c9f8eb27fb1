"""The parts of a plan in requests and responses: cycles, prices, add-ons, meters, dunning."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field

from billing.dunning import MOST_DAYS, MOST_RETRIES
from billing.usage.rating import MOST_TIERS
from contracts import plan as contract
from kernel.http.requests import Amount, Body, Currency, Id, ShortText, Trimmed, no_address
from offer.catalogue.schemas.fields import MAX_AMOUNT, as_text

Code = Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,64}$")]
Name = Annotated[str, Trimmed(200), AfterValidator(no_address)]
Days = Annotated[int, Field(ge=1, le=MOST_DAYS)]
Units = Annotated[int, Field(ge=0, le=10**12)]
Periods = Annotated[int, Field(ge=1, le=36)]
TrialEnd = Literal["cancel", "pause"]
Interval = Literal["day", "week", "month", "year"]
Unit = Literal["second", "minute", "day"]
Aggregation = Literal["sum", "max", "last", "unique"]
Model = Literal["per_unit", "graduated", "volume", "package"]
End = Literal["cancel", "pause", "unpaid"]
ONCE: Literal["once"] = "once"


def _unit_amount(value: str) -> str:
    if Decimal(value) > MAX_AMOUNT:
        raise ValueError(f"The number must be from 0 to {MAX_AMOUNT}.")
    return as_text(Decimal(value))


UnitAmount = Annotated[str, Field(pattern=r"^[0-9]{1,13}(\.[0-9]{1,6})?$"), AfterValidator(_unit_amount)]
"""Minor units as an exact decimal number."""


class CycleBody(Body):
    """How long a period is."""

    interval: Interval
    count: Annotated[int, Field(ge=1, le=365)] = 1


class PlanPriceBody(Body):
    amount: Amount
    currency: Currency


PlanPrices = Annotated[tuple[PlanPriceBody, ...], Field(min_length=1, max_length=20)]


class EveryBody(Body):
    """So many periods are one coverage."""

    every: Periods


class AddOnBody(Body):
    add_on_id: Id | None = None
    code: Code
    name: Name
    prices: PlanPrices
    type: ShortText
    auto_include: bool = False
    billing_frequency: EveryBody | Literal["once"] = Field(default_factory=lambda: EveryBody(every=1))
    max_quantity: Annotated[int, Field(ge=1, le=10_000)] = 1

    def fields(self) -> dict[str, Any]:
        """As in facts, where what is charged once has no periods."""
        frequency = self.billing_frequency
        every = frequency.every if isinstance(frequency, EveryBody) else None
        return {**self.model_dump(mode="json", exclude={"billing_frequency"}), "every": every}


class UsageTierBody(Body):
    up_to: Annotated[int, Field(ge=1, le=10**12)] | None
    unit_amount: UnitAmount


class MeterPriceBody(Body):
    """What it has depends on the meter's model."""

    currency: Currency
    unit_amount: UnitAmount | None = None
    tiers: Annotated[tuple[UsageTierBody, ...], Field(max_length=MOST_TIERS)] = ()
    size: Annotated[int, Field(ge=1, le=10**12)] | None = None
    amount: Amount | None = None


class MeterBody(Body):
    meter: Code
    name: Name
    aggregation: Aggregation
    model: Model
    included: Units = 0
    prices: Annotated[tuple[MeterPriceBody, ...], Field(min_length=1, max_length=20)]


class DunningBody(Body):
    retry_days: Annotated[tuple[Days, ...], Field(max_length=MOST_RETRIES)] = (1, 3, 5, 7)
    suspend_after_days: Days = 7
    end_after_days: Days = 14
    end: End = "cancel"


class CycleView(BaseModel):
    interval: Interval
    count: int


class PlanPriceView(BaseModel):
    amount: int
    currency: str


class EveryView(BaseModel):
    every: int


class AddOnView(BaseModel):
    add_on_id: UUID
    code: str
    name: str
    prices: list[PlanPriceView]
    type: str
    auto_include: bool
    billing_frequency: EveryView | Literal["once"]
    max_quantity: int


class UsageTierView(BaseModel):
    up_to: int | None
    unit_amount: str


class MeterPriceView(BaseModel):
    currency: str
    unit_amount: str | None
    tiers: list[UsageTierView]
    size: int | None
    amount: int | None


class MeterView(BaseModel):
    meter: str
    name: str
    aggregation: Aggregation
    model: Model
    included: int
    prices: list[MeterPriceView]


class DunningView(BaseModel):
    retry_days: list[int]
    suspend_after_days: int
    end_after_days: int
    end: End


def show_add_on(add_on: contract.AddOn) -> AddOnView:
    frequency = ONCE if add_on.every is None else EveryView(every=add_on.every)
    return AddOnView.model_validate({**add_on.model_dump(), "billing_frequency": frequency})
