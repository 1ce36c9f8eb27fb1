"""The response body of a merge."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from typing_extensions import TypedDict

from cart.carts.schemas.views import CartView, view
from cart.carts.use_cases.merging import MergedCarts
from contracts.cart import MergedCodes


class MergedLineView(TypedDict):
    item_id: str
    quantity: int


class NotMergedLineView(TypedDict):
    product_id: str
    options: dict[str, Any]
    quantity: int
    reason: str


class DroppedCodeView(TypedDict):
    code: str
    reason: str


class MergedCodesView(TypedDict):
    kept: list[str]
    added: list[str]
    dropped: list[DroppedCodeView]


class MergedView(TypedDict):
    """``merged`` and ``not_merged`` are about the guest's lines."""

    cart: CartView
    merged: list[MergedLineView]
    not_merged: list[NotMergedLineView]
    discounts: MergedCodesView


def merged_view(result: MergedCarts, now: datetime) -> MergedView:
    merged = result.merged
    codes = merged.codes or MergedCodes()
    return MergedView(
        cart=view(result.priced, now),
        merged=[MergedLineView(item_id=str(it.item_id), quantity=it.quantity) for it in merged.lines],
        not_merged=[
            NotMergedLineView(
                product_id=str(it.product_id), options=it.options, quantity=it.quantity, reason=it.reason
            )
            for it in merged.not_merged
        ],
        discounts=MergedCodesView(
            kept=list(codes.kept),
            added=list(codes.added),
            dropped=[DroppedCodeView(code=it.code, reason=it.reason) for it in codes.dropped],
        ),
    )
