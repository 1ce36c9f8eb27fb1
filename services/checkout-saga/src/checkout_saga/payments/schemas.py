"""The parts of requests that are about payments: a provider's name, and what operators decide."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import AfterValidator, WithJsonSchema

from checkout_saga.payments.providers.registry import PROVIDERS
from kernel.http.descriptions import Word
from kernel.http.requests import Body, ShortText


def _registered(name: str) -> str:
    if name not in PROVIDERS:
        raise ValueError(f"There is no such payment provider. Possible: {', '.join(PROVIDERS)}.")
    return name


ProviderName = Annotated[
    str, AfterValidator(_registered), WithJsonSchema({"type": "string", "enum": list(PROVIDERS)})
]


class OperatorsReason(Body):
    """Kept in the log for ever: it must not contain personal data."""

    reason: ShortText


class Resolution(OperatorsReason):
    """How a stuck payment operation ended; ``reference`` is the gateway's or the bank's."""

    outcome: Literal["done", "not_done"]
    reference: ShortText | None = None


FIELD_DESCRIPTIONS: Mapping[str, Word] = MappingProxyType(
    {
        "gateway": Word("The payment provider.", "simulated"),
        "Resolution": Word("How a payment operation ended."),
        "outcome": Word("done: the money was moved; not_done: it was not.", "done"),
        "reference": Word("The provider's or the bank's own id of the operation.", "ch_4711"),
        "OperatorsReason": Word("The operator's reason."),
    }
)
