"""Descriptions of the names in the interface of owners of carts."""

from collections.abc import Mapping
from types import MappingProxyType

from kernel.http.descriptions import Word

OWNER_DESCRIPTIONS: Mapping[str, Word] = MappingProxyType(
    {
        "Status": Word("The status of a cart.", "active"),
        "list_carts.status": Word("Only carts with one of these statuses.", ["active", "abandoned"]),
        "list_carts.currency": Word("Only carts in one of these currencies.", ["EUR"]),
        "NewCustomer": Word("The customer of a cart that had none."),
        "Merge": Word("The guest's cart to be merged, and how."),
        "guest_cart_id": Word("The id of the guest's cart.", "019a2b3c-0000-7000-8000-000000000002"),
        "strategy": Word(
            "merge: add the guest's lines and codes; replace: the same into an emptied cart; reject: take "
            "nothing.",
            "merge",
        ),
        "MergedView": Word("The surviving cart, and what of the guest's cart it has taken."),
        "cart": Word("The surviving cart."),
        "merged": Word("The items that have taken something, each with the quantity that was added."),
        "MergedLineView": Word("An item that has taken something of the guest's cart."),
        "MergedLineView.quantity": Word("The units that were added.", 4),
        "not_merged": Word("What was not taken of the guest's cart."),
        "NotMergedLineView": Word("A line, or a part of one, that was not taken."),
        "NotMergedLineView.quantity": Word("The units that were not taken.", 3),
        "NotMergedLineView.reason": Word("A code, or REJECTED.", "MAX_ITEM_QUANTITY_EXCEEDED"),
        "MergedView.discounts": Word("What has become of the discount codes."),
        "MergedCodesView": Word("What has become of the discount codes of both carts."),
        "kept": Word("The cart's own codes that have an effect.", ["SPRING"]),
        "added": Word("The guest's codes that have an effect.", ["WELCOME"]),
        "dropped": Word("The codes that are gone."),
        "DroppedCodeView": Word("A code that is gone."),
        "DroppedCodeView.code": Word("The discount code.", "OLD5"),
        "DroppedCodeView.reason": Word(
            "Why it has no effect, as for a code without effect on a cart; or replaced, rejected or "
            "too_many_codes.",
            "expired",
        ),
    }
)
