"""The descriptions and examples of the names in the interface of referrals."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from kernel.http.descriptions import Word

_PROGRAM = Word("The referral program.", "019a2b3c-000c-7000-8000-000000000001")
_RULE = Word("The rule of the program.", "019a2b3c-000d-7000-8000-000000000001")
_ATTRIBUTION = Word("The attribution.", "019a2b3c-000e-7000-8000-000000000001")
_DISCOUNT = "2f1c3a52-8f4e-5d0c-9a7b-3c5d7e9f1a2b"
_PERCENT = {"type": "percentage", "value": 10, "currency": None}
_OF_PROGRAM: Mapping[str, Word] = {
    "name": Word("What the shop calls it.", "Bring a friend"),
    "starts_at": Word("When it begins; null: at once.", "2026-03-01T00:00:00Z"),
    "ends_at": Word("When it ends; null: never.", None),
    "audience": Word("Who may be referred.", {"kind": "all", "ids": []}),
    "attribution_valid_days": Word("How long an attribution counts after it is confirmed.", 30),
    "confirm": Word("automatic: attributions count at once; manual: after a call.", "automatic"),
    "fraud_policy": Word("What a referee has to fulfil.", {"require_verified_email": True}),
    "reward_days": Word("Days from the payment of an order until the referrer's reward is issued.", 14),
}
_OF_RULE: Mapping[str, Word] = {
    "trigger": Word("signup, first_order_paid or nth_order_paid.", "first_order_paid"),
    "n": Word("Which order counts, for nth_order_paid.", None),
    "referee_reward": Word("The discount of the customer who was referred.", _PERCENT),
    "referrer_reward": Word("What the customer gets who referred them.", None),
    "currency": Word("The currency of the minimum and the cap.", None),
    "minimum_order": Word("The subtotal from which the rule applies, in minor units.", None),
    "product_ids": Word("The products that it is for; none: all.", []),
    "categories": Word("The categories that it is for; none: all.", []),
    "collections": Word("The collections that it is for; none: all.", []),
    "limits": Word("How often it can be used.", {"total": None, "per_referrer": 5, "per_referee": 1}),
    "validation_window_days": Word("How long after its confirmation an attribution counts for the rule.", 14),
    "coupon_validity_days": Word("The same; the shortest time counts.", None),
    "cooldown_days": Word("How long a referee waits after a redeemed use.", None),
    "priority": Word("The smaller one comes first, among all promotions.", 0),
    "stacking": Word("How it combines with other promotions.", {"mode": "stackable", "cap": None}),
}
_PEOPLE: Mapping[str, Word] = {
    "program_id": _PROGRAM,
    "referee_id": Word("The customer who was referred.", "customer-42"),
    "referrer_id": Word("The customer who referred them.", "customer-7"),
    "source": Word("Where the attribution comes from.", "link"),
}
_OF_OVERRIDE: Mapping[str, Word] = {
    "scope": Word("user: one customer; group: a segment.", "user"),
    "subject_id": Word("The customer or the segment.", "customer-42"),
    "program_id": Word("The program that it is for.", "019a2b3c-000c-7000-8000-000000000001"),
    "rule_id": Word("The rule that it is for.", None),
    "reward": Word("The reward in place of the rule's; null: the rule's.", _PERCENT),
    "block_referrals": Word("Whether the subject gets no referral discounts.", None),
}


def _each(words: Mapping[str, Word], *models: str) -> Iterator[tuple[str, Word]]:
    return ((f"{model}.{name}", word) for model in models for name, word in words.items())


FIELD_DESCRIPTIONS: Mapping[str, Word] = MappingProxyType(
    {
        "NewReferralProgram": Word("A referral program to be created.", {"name": "Bring a friend"}),
        "ReferralProgramChange": Word(
            "The fields to change; null removes an optional value.", {"attribution_valid_days": 60}
        ),
        "ReferralProgramView": Word("A referral program."),
        "ReferralProgramView.status": Word("draft, active or paused.", "active"),
        **dict(_each(_OF_PROGRAM, "NewReferralProgram", "ReferralProgramChange", "ReferralProgramView")),
        "program_id": _PROGRAM,
        "rule_id": _RULE,
        "attribution_id": _ATTRIBUTION,
        "override_id": Word("The override.", "019a2b3c-000f-7000-8000-000000000001"),
        **{
            name: Word("Customers who may be referred.", {"kind": "groups", "ids": ["students"]})
            for name in ("AudienceBody", "AudienceView")
        },
        **dict(
            _each(
                {
                    "kind": Word("all, users or groups.", "groups"),
                    "ids": Word("Customer ids or segments.", ["students"]),
                },
                "AudienceBody",
                "AudienceView",
            )
        ),
        "FraudPolicyBody": Word("What a referee has to fulfil."),
        "FraudPolicyView": Word("What a referee has to fulfil."),
        "require_verified_email": Word("Whether the referee's e-mail address has to be verified.", True),
        "NewReferralRule": Word(
            "A rule to be created.",
            {
                "program_id": "019a2b3c-000c-7000-8000-000000000001",
                "trigger": "first_order_paid",
                "referee_reward": _PERCENT,
            },
        ),
        "ReferralRuleChange": Word(
            "The fields to change; null removes an optional value.", {"cooldown_days": 30}
        ),
        "ReferralRuleView": Word("A rule with the number of its uses."),
        "ReferralRuleView.status": Word("active or disabled.", "active"),
        "ReferralRuleView.uses": Word("Uses held or redeemed by all customers together.", 3),
        **dict(_each(_OF_RULE, "NewReferralRule", "ReferralRuleChange", "ReferralRuleView")),
        **{
            name: Word("A reward: percent, or minor units of its currency.", _PERCENT)
            for name in ("RewardBody", "RewardView")
        },
        **dict(
            _each(
                {
                    "type": Word("percentage or fixed_amount.", "percentage"),
                    "value": Word("Percent, or minor units of the currency.", 10),
                    "currency": Word("The currency of an amount; null for percent.", None),
                },
                "RewardBody",
                "RewardView",
            )
        ),
        **{
            name: Word("How often a rule can be used; null: any number of times.")
            for name in ("ReferralLimitsBody", "ReferralLimitsView")
        },
        **dict(
            _each(
                {
                    "total": Word("Uses in all.", None),
                    "per_referrer": Word("Uses for each referrer.", 5),
                    "per_referee": Word("Uses for each referee.", 1),
                },
                "ReferralLimitsBody",
                "ReferralLimitsView",
            )
        ),
        **{
            name: Word("How a rule combines with other promotions.")
            for name in ("ReferralStackingBody", "ReferralStackingView")
        },
        **dict(
            _each(
                {
                    "mode": Word("exclusive, best_of or stackable.", "stackable"),
                    "cap": Word("The maximum discount, in minor units; null: none.", None),
                },
                "ReferralStackingBody",
                "ReferralStackingView",
            )
        ),
        "NewAttribution": Word("Who was referred by whom."),
        "AttributionView": Word("Who was referred by whom."),
        **dict(_each(_PEOPLE, "NewAttribution", "AttributionView")),
        "AttributionView.status": Word("pending, confirmed or revoked.", "confirmed"),
        "AttributionView.created_at": Word("When it was made.", "2026-03-01T00:00:00Z"),
        "confirmed_at": Word("When it was confirmed; null: not yet.", "2026-03-01T00:00:00Z"),
        "ReferralOverrideBody": Word(
            "An override to be set.",
            {
                "scope": "user",
                "subject_id": "customer-42",
                "program_id": "019a2b3c-000c-7000-8000-000000000001",
                "reward": _PERCENT,
            },
        ),
        "ReferralOverrideView": Word("An override."),
        **dict(_each(_OF_OVERRIDE, "ReferralOverrideBody", "ReferralOverrideView")),
        "ReferralApplicationView": Word("What a checkout applied of referrals."),
        "ReferralApplicationView.checkout_id": Word("The checkout.", "019a2b3c-0005-7000-8000-000000000001"),
        "ReferralApplicationView.customer_id": Word("The referee.", "customer-42"),
        "ReferralApplicationView.status": Word("applied, redeemed or released.", "redeemed"),
        "snapshots": Word("What was applied and why, by attribution."),
        "ReferralSnapshotView": Word("What was applied by one attribution, in minor units of the currency."),
        **dict(
            _each(
                {
                    "at": Word("When.", "2026-03-01T00:00:00Z"),
                    "referrer_id": Word("The customer who referred the referee.", "customer-7"),
                    "rule_ids": Word("The rules.", ["019a2b3c-000d-7000-8000-000000000001"]),
                    "discounts": Word("The discount of each rule."),
                    "order_id": Word("The order; null until it is paid.", None),
                    "currency": Word("The currency of the amounts.", "USD"),
                    "subtotal": Word("The sale's subtotal.", 15_000),
                    "total_discount": Word("What the rules took off.", 1_500),
                    "total": Word("The sale's total.", 13_500),
                },
                "ReferralSnapshotView",
            )
        ),
        "AppliedReferralView": Word("The discount of one rule."),
        **dict(
            _each(
                {
                    "promotion_id": Word("The discount as a promotion.", _DISCOUNT),
                    "code": Word("Its code.", "referral-019a2b3c-000d-7000-8000-000000000001-customer-42"),
                    "reward": Word("The reward that counted.", _PERCENT),
                    "source": Word("Whose reward it is: user, group or rule.", "rule"),
                    "stacking": Word("How it combined: exclusive, best_of or stackable.", "stackable"),
                    "amount": Word("The discount, in minor units.", 1_500),
                },
                "AppliedReferralView",
            )
        ),
    }
)
