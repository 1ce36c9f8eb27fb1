"""Request and response bodies of subscription plans."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field

from billing.starts import LAST_DAY
from kernel.http.requests import Body, ShortText, Trimmed, no_address
from offer.catalogue.schemas.fields import FreeForm
from offer.plans.domain.plan import Plan
from offer.plans.schemas.parts import (
    AddOnBody,
    AddOnView,
    Code,
    CycleBody,
    CycleView,
    DunningBody,
    DunningView,
    MeterBody,
    MeterView,
    Name,
    PlanPrices,
    PlanPriceView,
    TrialEnd,
    Unit,
    show_add_on,
)

Entry = Annotated[str, Trimmed(64), AfterValidator(no_address)]
"""The name of a feature or a limit."""
Limit = Annotated[int, Field(ge=0, le=10**15)]
Status = Literal["active", "archived"]
TermsVersion = Annotated[int, Field(ge=1, le=10**6)]


class PlanTermsBody(Body):
    """The terms that can be changed."""

    trial_days: Annotated[int, Field(ge=0, le=730)] = 0
    trial_end_without_payment: TrialEnd = "cancel"
    anchor_day: Annotated[int, Field(ge=1, le=LAST_DAY)] | None = None
    features: Annotated[tuple[Entry, ...], Field(max_length=100)] = ()
    limits: Annotated[dict[Entry, Limit], Field(max_length=100)] = {}
    add_ons: Annotated[tuple[AddOnBody, ...], Field(max_length=50)] = ()
    meters: Annotated[tuple[MeterBody, ...], Field(max_length=20)] = ()
    usage_grace_hours: Annotated[int, Field(ge=0, le=72)] = Field(default_factory=int)
    tax_category: ShortText | None = None
    tax_inclusive: bool | None = None
    dunning: DunningBody = DunningBody()
    metadata: FreeForm = {}

    def fields(self) -> dict[str, Any]:
        """Those that were given, as in facts."""
        dumped = self.model_dump(mode="json")
        dumped["add_ons"] = [it.fields() for it in self.add_ons]
        return {name: dumped[name] for name in self.model_fields_set}


class NewPlan(PlanTermsBody):
    code: Code
    name: Name
    billing_cycle: CycleBody
    prices: PlanPrices
    proration_unit: Unit = "second"


class PlanChange(PlanTermsBody):
    """A field that is left out keeps its value; null removes an optional value. Another code, cycle or unit
    needs a new plan."""

    name: Name = Field(default_factory=str)
    prices: PlanPrices = Field(default_factory=tuple)


class MigrationBody(Body):
    from_terms_version: TermsVersion
    notice_days: Annotated[int, Field(ge=0, le=365)] = 30


class MigrationView(BaseModel):
    from_terms_version: int
    not_before: datetime


class PlanView(BaseModel):
    plan_id: UUID
    status: Status
    code: str
    name: str
    billing_cycle: CycleView
    prices: list[PlanPriceView]
    proration_unit: Unit
    trial_days: int
    trial_end_without_payment: TrialEnd
    anchor_day: int | None
    features: list[str]
    limits: dict[str, int]
    add_ons: list[AddOnView]
    meters: list[MeterView]
    usage_grace_hours: int
    tax_category: str | None
    tax_inclusive: bool | None
    dunning: DunningView
    metadata: dict[str, Any]
    terms_version: int
    migrations: list[MigrationView]
    version: int


def show_plan(plan: Plan, _now: datetime) -> PlanView:
    return PlanView.model_validate(
        {
            **plan.terms.model_dump(),
            "add_ons": [show_add_on(it) for it in plan.terms.add_ons],
            "plan_id": plan.id,
            "status": plan.status,
            "terms_version": plan.terms_version,
            "migrations": [
                MigrationView(from_terms_version=it, not_before=not_before)
                for it, not_before in sorted(plan.migrations.items())
            ],
            "version": plan.version,
        }
    )
