"""The steps of a flow, in their order, and what the shopper does in each."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType


class Step(StrEnum):
    USER_PREFERENCES = "user_preferences"
    PACKAGE_SELECTION = "package_selection"
    UPSELL_SELECTION = "upsell_selection"
    REVIEW = "review"
    CHECKOUT = "checkout"


ORDER = tuple(Step)
ACTIONS = MappingProxyType(
    {
        Step.USER_PREFERENCES: "collect_user_preferences",
        Step.PACKAGE_SELECTION: "select_course_package",
        Step.UPSELL_SELECTION: "review_upsells",
        Step.REVIEW: "review_order",
        Step.CHECKOUT: "proceed_to_checkout",
    }
)
"""What a storefront asks for while the step is the current one."""


def step_after(step: Step) -> Step | None:
    """None after the last one, which the purchase completes."""
    following = ORDER[ORDER.index(step) + 1 :]
    return following[0] if following else None
