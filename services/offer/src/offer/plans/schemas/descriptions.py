"""The descriptions and examples of the names in the interface of subscription plans."""

from collections.abc import Mapping
from types import MappingProxyType

from kernel.http.descriptions import Word

_PLAN = "019a2b3c-000d-7000-8000-000000000001"
_PRICE = {"amount": 2900, "currency": "EUR"}
_MONTH = {"interval": "month", "count": 1}
_SEATS = {
    "code": "seats",
    "name": "Seats",
    "prices": [{"amount": 500, "currency": "EUR"}],
    "type": "seat",
    "max_quantity": 100,
}
_UNIT_PRICE = {"currency": "EUR", "unit_amount": "0.5"}
_CALLS = {
    "meter": "api_calls",
    "name": "API calls",
    "aggregation": "sum",
    "model": "per_unit",
    "included": 1000,
    "prices": [_UNIT_PRICE],
}
_TIERS = [{"up_to": 10_000, "unit_amount": "0.5"}, {"up_to": None, "unit_amount": "0.2"}]
_ADD_ON: Mapping[str, Word] = {
    "code": Word("The add-on, unique within the plan.", "seats"),
    "name": Word("The name on invoices.", "Seats"),
    "prices": Word("The price of one for one coverage, by currency.", _SEATS["prices"]),
    "type": Word("What it is, in the shop's own word.", "seat"),
    "auto_include": Word("Whether each subscription has one from its start.", False),
    "billing_frequency": Word("The periods of one coverage, or once: charged at its start.", {"every": 1}),
    "max_quantity": Word("How many a subscription may have.", 100),
}
_METER: Mapping[str, Word] = {
    "meter": Word("The name in reports of usage, unique within the plan.", "api_calls"),
    "name": Word("The name on invoices.", "API calls"),
    "aggregation": Word("What of a period's reports counts: sum, max, last, or unique values.", "sum"),
    "model": Word(
        "per_unit; graduated: each tier prices its units; volume: the last unit's tier prices all; package.",
        "per_unit",
    ),
    "included": Word("Units of a period that cost nothing.", 1000),
    "prices": Word("The price by currency; one for each currency of the plan.", [_UNIT_PRICE]),
}
_METER_PRICE: Mapping[str, Word] = {
    "unit_amount": Word("per_unit: minor units for one unit, an exact decimal number.", "0.5"),
    "tiers": Word("graduated and volume: the tiers, the last one without an end.", []),
    "size": Word("package: its units. A package counts when it is begun.", None),
    "amount": Word("package: its price in minor units.", None),
}
_TIER: Mapping[str, Word] = {
    "up_to": Word("The last unit of the tier; null: it has no end.", None),
    "unit_amount": Word("Minor units for one unit, an exact decimal number.", "0.2"),
}
_DUNNING: Mapping[str, Word] = {
    "retry_days": Word("Days after which the charge is tried again, ascending.", [1, 3, 5, 7]),
    "suspend_after_days": Word("Days until the subscription is suspended.", 7),
    "end_after_days": Word("Days until it ends.", 14),
    "end": Word("What becomes of it then: cancel, pause or unpaid.", "cancel"),
}
_CYCLE: Mapping[str, Word] = {
    "interval": Word("day, week, month or year.", "month"),
    "count": Word("The intervals of one period: at most 365 days, 156 weeks, 36 months, 3 years.", 1),
}
_PLAN_FIELDS: Mapping[str, Word] = {
    "code": Word("The shop's own name of the plan, unique within the tenant for ever.", "starter"),
    "name": Word("The name of the plan.", "Starter"),
    "billing_cycle": Word("How long a period is.", _MONTH),
    "prices": Word("The price of one period, by currency.", [_PRICE]),
    "proration_unit": Word("second, minute or day: in what time is counted, for ever.", "second"),
    "trial_days": Word("Days of a trial; 0: none.", 14),
    "trial_end_without_payment": Word("What becomes of a trial without a payment method.", "cancel"),
    "anchor_day": Word("The day of the month on which periods begin; null: that of the start.", None),
    "features": Word("What a subscription has.", ["sso"]),
    "limits": Word("How much of it a subscription has, by name.", {"projects": 10}),
    "add_ons": Word("What a subscription may have besides.", [_SEATS]),
    "meters": Word("What is counted of its usage, and what that costs.", [_CALLS]),
    "usage_grace_hours": Word("Hours in which usage of a past period may be reported.", 1),
    "tax_category": Word("The category that tax rates refer to; null: none.", "saas"),
    "tax_inclusive": Word("Whether invoices' prices contain the tax; null: as the tax rate says.", None),
    "dunning": Word("What follows a refused renewal."),
    "metadata": Word("Data of the shop's own: at most 16 KiB of JSON.", {}),
}
_COMPOSED_IN_VIEWS = ("add_ons", "meters", "prices", "billing_cycle")


def _of(bodies: tuple[str, ...], words: Mapping[str, Word]) -> dict[str, Word]:
    """A view's parts have more fields than a request's, so its examples are composed of theirs."""
    return {
        f"{body}.{name}": Word(word.means) if body.endswith("View") and name in _COMPOSED_IN_VIEWS else word
        for body in bodies
        for name, word in words.items()
    }


FIELD_DESCRIPTIONS: Mapping[str, Word] = MappingProxyType(
    {
        "NewPlan": Word(
            "A plan to be created.",
            {"code": "starter", "name": "Starter", "billing_cycle": _MONTH, "prices": [_PRICE]},
        ),
        "PlanChange": Word("The fields to change; null removes an optional value.", {"prices": [_PRICE]}),
        "PlanView": Word("A subscription plan with its current terms."),
        "plan_id": Word("The plan.", _PLAN),
        "PlanView.status": Word("active or archived.", "active"),
        "terms_version": Word("It grows with other prices, meters, add-ons, features or limits.", 1),
        "migrations": Word("From which earlier terms subscriptions take the current ones."),
        "MigrationBody": Word("The subscriptions to migrate.", {"from_terms_version": 1, "notice_days": 30}),
        "MigrationView": Word("An order to migrate subscriptions."),
        "from_terms_version": Word("The terms that the subscriptions have.", 1),
        "notice_days": Word("Days before which no subscription takes the current terms.", 30),
        "not_before": Word("The first renewal from then on takes the current terms.", "2026-04-01T00:00:00Z"),
        "list_plans.code": Word("Plans with one of these codes.", ["starter"]),
        "list_plans.status": Word("The statuses.", ["active"]),
        **_of(("NewPlan", "PlanChange", "PlanView"), _PLAN_FIELDS),
        "CycleBody": Word("How long a period is.", _MONTH),
        "CycleView": Word("How long a period is."),
        **_of(("CycleBody", "CycleView"), _CYCLE),
        "PlanPriceBody": Word("A price in one currency.", _PRICE),
        "PlanPriceView": Word("A price in one currency.", _PRICE),
        "EveryBody": Word("The periods of one coverage.", {"every": 1}),
        "EveryView": Word("The periods of one coverage.", {"every": 1}),
        "every": Word("So many periods.", 1),
        "AddOnBody": Word("What a subscription may have besides its plan.", _SEATS),
        "AddOnView": Word("What a subscription may have besides its plan."),
        "AddOnBody.add_on_id": Word("Left out: that of the plan with the code, or a new one.", None),
        "AddOnView.add_on_id": Word("The add-on.", "019a2b3c-000e-7000-8000-000000000001"),
        **_of(("AddOnBody", "AddOnView"), _ADD_ON),
        "MeterBody": Word("What is counted of usage.", _CALLS),
        "MeterView": Word("What is counted of usage."),
        **_of(("MeterBody", "MeterView"), _METER),
        "MeterPriceBody": Word("A meter's price in one currency, by its model.", _UNIT_PRICE),
        "MeterPriceView": Word("A meter's price in one currency, by its model."),
        **_of(("MeterPriceBody", "MeterPriceView"), _METER_PRICE),
        "UsageTierBody": Word("A price for units up to a number.", _TIERS[0]),
        "UsageTierView": Word("A price for units up to a number."),
        **_of(("UsageTierBody", "UsageTierView"), _TIER),
        "DunningBody": Word("What follows a refused renewal, in days after it was due.", {"end": "cancel"}),
        "DunningView": Word("What follows a refused renewal, in days after it was due."),
        **_of(("DunningBody", "DunningView"), _DUNNING),
    }
)
