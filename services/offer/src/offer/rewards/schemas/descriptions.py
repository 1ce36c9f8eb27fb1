"""The descriptions and examples of the names in the interface of referrers' rewards."""

from collections.abc import Mapping
from types import MappingProxyType

from kernel.http.descriptions import Word

_VIEW = "ReferrerRewardView"
_PROMOTION = "019a2b3c-0003-7000-8000-000000000001"

FIELD_DESCRIPTIONS: Mapping[str, Word] = MappingProxyType(
    {
        _VIEW: Word("A referrer's reward for one order, in minor units of the currency."),
        "reward_id": Word("The reward.", "2f1c3a52-8f4e-5d0c-9a7b-3c5d7e9f1a2c"),
        f"{_VIEW}.status": Word("granted, issued or voided.", "issued"),
        f"{_VIEW}.referrer_id": Word("The customer who gets the reward.", "customer-7"),
        f"{_VIEW}.referee_id": Word("The customer who was referred and has bought.", "customer-42"),
        f"{_VIEW}.program_id": Word("The program of the rule.", "019a2b3c-000c-7000-8000-000000000001"),
        f"{_VIEW}.order_id": Word("The order that earned it.", "019a2b3c-0005-7000-8000-000000000001"),
        f"{_VIEW}.currency": Word("The currency of the order and of all amounts.", "USD"),
        "base": Word("What was paid for the lines that the rule is for, without tax.", 12_146),
        f"{_VIEW}.amount": Word("The reward as it was granted.", 607),
        "reversed": Word("How much of it refunds have reversed.", 90),
        "left": Word("What is left of it.", 517),
        "debt": Word(
            "By how much it has changed the referrer's debt; negative: it has paid debts of other rewards.", 0
        ),
        "open_refunds": Word("Refunds of the order that have not ended.", 0),
        "granted_at": Word("When the order was paid.", "2026-03-01T00:00:00Z"),
        "confirm_at": Word("When it is issued, unless a refund is open then.", "2026-03-15T00:00:00Z"),
        "issued": Word("The promotion that the referrer has for it; null: not issued yet."),
        "IssuedRewardView": Word("A reward as a promotion with one use, for the referrer alone."),
        "IssuedRewardView.promotion_id": Word(
            "The promotion; null: all of the reward has paid debts.", _PROMOTION
        ),
        "IssuedRewardView.code": Word(
            "Its code; null: there is no promotion.", "reward-2f1c3a52-8f4e-5d0c-9a7b-3c5d7e9f1a2c"
        ),
        "IssuedRewardView.amount": Word("What it is worth, or was when it was used.", 517),
        "IssuedRewardView.ends_at": Word("When it ends; null: never.", None),
    }
)
