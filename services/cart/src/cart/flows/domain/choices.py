"""What a shopper chooses in each step of a flow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias
from uuid import UUID

from cart.flows.domain.steps import Step


@dataclass(frozen=True, slots=True)
class Preferences:
    STEP: ClassVar = Step.USER_PREFERENCES
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Addon:
    """One of the two is given."""

    product_id: UUID | None = None
    upsell_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Package:
    STEP: ClassVar = Step.PACKAGE_SELECTION
    offer_id: UUID
    addons: tuple[Addon, ...] = ()

    @property
    def product_ids(self) -> set[UUID]:
        return {it.product_id for it in self.addons if it.product_id is not None}

    @property
    def upsell_ids(self) -> set[UUID]:
        return {it.upsell_id for it in self.addons if it.upsell_id is not None}


@dataclass(frozen=True, slots=True)
class UpsellAnswers:
    STEP: ClassVar = Step.UPSELL_SELECTION
    accepted: tuple[UUID, ...] = ()
    declined: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Review:
    STEP: ClassVar = Step.REVIEW


@dataclass(frozen=True, slots=True)
class CheckoutBegun:
    STEP: ClassVar = Step.CHECKOUT
    checkout_id: UUID


Choice: TypeAlias = Preferences | Package | UpsellAnswers | Review | CheckoutBegun
