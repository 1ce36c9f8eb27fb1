"""The request and the view of the pricing policy."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Literal

from pydantic import BaseModel

from contracts.sale import Policy
from kernel.http.descriptions import Word
from kernel.http.requests import Body
from offer.pricing_policy.domain import PricingPolicy

Rounding = Literal["half_up", "half_even"]
TaxRounding = Literal["line", "total"]

FIELD_DESCRIPTIONS: Mapping[str, Word] = MappingProxyType(
    {
        "PricingPolicyBody": Word("How amounts are rounded."),
        "PricingPolicyView": Word("How amounts are rounded."),
        "rounding_mode": Word("How exactly half a minor unit is rounded.", "half_up"),
        "tax_rounding": Word(
            "line: the tax of each line is rounded; total: once for all lines of a rate.",
            "line",
        ),
    }
)


class PricingPolicyBody(Body):
    rounding_mode: Rounding = "half_up"
    tax_rounding: TaxRounding = "line"

    def policy(self) -> Policy:
        return Policy(rounding_mode=self.rounding_mode, tax_rounding=self.tax_rounding)


class PricingPolicyView(BaseModel):
    rounding_mode: Rounding
    tax_rounding: TaxRounding
    version: int


def show_pricing_policy(policy: PricingPolicy, _now: datetime) -> PricingPolicyView:
    return PricingPolicyView.model_validate({**policy.policy.model_dump(), "version": policy.version})
