"""The request bodies of flows."""

from __future__ import annotations

from typing import Annotated, Any, Self, TypeVar

import orjson
from fastapi.exceptions import RequestValidationError
from pydantic import AfterValidator, Field, ValidationError, model_validator

from cart.carts.schemas.requests import MAX_METADATA_BYTES, Metadata, Slug, at_most_bytes, distinct
from cart.flows.domain import choices
from cart.flows.domain.choices import Choice
from cart.flows.domain.steps import Step
from kernel.http.requests import Body, Id, OwnerId, Trimmed, no_address

MAX_PREFERENCES = 20

FlowType = Annotated[str, Trimmed(64), AfterValidator(no_address)]
Data = Annotated[dict[str, Any], at_most_bytes(MAX_METADATA_BYTES), AfterValidator(no_address)]
Upsells = Annotated[tuple[Id, ...], Field(max_length=20), AfterValidator(distinct)]


class NewFlow(Body):
    slug: Slug | None = None
    offer_id: Id | None = None
    session_id: OwnerId
    customer_id: OwnerId | None = None
    flow_type: FlowType = "education"
    metadata: Metadata = {}

    @model_validator(mode="after")
    def _check_alternatives(self) -> Self:
        if (self.slug is None) == (self.offer_id is None):
            raise ValueError("Give a slug or an offer_id.")
        return self


class NewAddon(Body):
    product_id: Id | None = None
    upsell_id: Id | None = None

    @model_validator(mode="after")
    def _check_alternatives(self) -> Self:
        if (self.product_id is None) == (self.upsell_id is None):
            raise ValueError("Give a product_id or an upsell_id.")
        return self


class ChosenPackage(Body):
    offer_id: Id
    addons: Annotated[tuple[NewAddon, ...], Field(max_length=20)] = ()


class AnsweredUpsells(Body):
    accepted: Upsells = ()
    declined: Upsells = ()

    @model_validator(mode="after")
    def _check_answers(self) -> Self:
        if set(self.accepted) & set(self.declined):
            raise ValueError("An upsell is accepted or declined, not both.")
        return self


class Reviewed(Body):
    """Nothing is asked for."""


class BegunCheckout(Body):
    checkout_id: Id


class NewFlowStep(Body):
    """What ``data`` holds depends on the step."""

    step: Step
    data: Data

    def choice(self) -> Choice:
        """Raises RequestValidationError if the data are not those of the step."""
        match self.step:
            case Step.USER_PREFERENCES:
                if len(self.data) > MAX_PREFERENCES:
                    raise _invalid(f"At most {MAX_PREFERENCES} preferences are kept.")
                return choices.Preferences(self.data)
            case Step.PACKAGE_SELECTION:
                package = _read(ChosenPackage, self.data)
                addons = (choices.Addon(it.product_id, it.upsell_id) for it in package.addons)
                return choices.Package(package.offer_id, tuple(addons))
            case Step.UPSELL_SELECTION:
                answers = _read(AnsweredUpsells, self.data)
                return choices.UpsellAnswers(answers.accepted, answers.declined)
            case Step.REVIEW:
                _read(Reviewed, self.data)
                return choices.Review()
            case Step.CHECKOUT:
                return choices.CheckoutBegun(_read(BegunCheckout, self.data).checkout_id)


B = TypeVar("B", bound=Body)


def _read(kind: type[B], data: dict[str, Any]) -> B:
    try:
        return kind.model_validate_json(orjson.dumps(data))
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        raise RequestValidationError([{**it, "loc": ("body", "data", *it["loc"])} for it in found]) from None


def _invalid(detail: str) -> RequestValidationError:
    return RequestValidationError([{"type": "value_error", "loc": ("body", "data"), "msg": detail}])
