"""The descriptions and examples of the names in the interface of experiments."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kernel.http.descriptions import Word

_VARIANT = "019a2b3c-000c-7000-8000-000000000002"
_VARIANTS = [
    {"name": "control", "weight": 50},
    {"name": "cheaper", "weight": 50, "changes": {"price": {"base": 9500}}},
]

FIELD_DESCRIPTIONS: Mapping[str, Word] = MappingProxyType(
    {
        "NewExperiment": Word(
            "An experiment to be created.", {"name": "A lower price", "variants": _VARIANTS}
        ),
        "ExperimentView": Word("Variants of an offer, each shown to a share of the sessions."),
        "experiment_id": Word("The experiment.", "019a2b3c-000c-7000-8000-000000000001"),
        "variant_id": Word("The variant.", _VARIANT),
        "NewExperiment.name": Word("The name of the experiment.", "A lower price"),
        "ExperimentView.name": Word("The name of the experiment.", "A lower price"),
        "ExperimentView.status": Word("draft, running or stopped.", "running"),
        "NewExperiment.variants": Word("The variants; the first is the control.", _VARIANTS),
        "ExperimentView.variants": Word("The variants; the first is the control."),
        "ExperimentVariantBody": Word("A variant of the offer.", _VARIANTS[1]),
        "ExperimentVariantView": Word(
            "A variant of the offer, with its numbers, which are up to a second old."
        ),
        "ExperimentVariantBody.name": Word("The name of the variant.", "cheaper"),
        "ExperimentVariantView.name": Word("The name of the variant.", "cheaper"),
        "weight": Word("The share of sessions, as a part of the sum of all weights.", 50),
        "changes": Word("What the variant replaces."),
        "ChangesBody": Word("What a variant replaces of the offer.", {"price": {"base": 9500}}),
        "ChangesView": Word("What a variant replaces of the offer."),
        "ChangesBody.price": Word("What it replaces of the price; null: nothing.", {"base": 9500}),
        "ChangesView.price": Word("What it replaces of the price; null: nothing."),
        "ChangesBody.name": Word("Another name of the offer; null: its own.", None),
        "ChangesView.name": Word("Another name of the offer; null: its own.", None),
        "ChangesBody.layout": Word("Another layout; null: that of the offer.", None),
        "ChangesView.layout": Word("Another layout; null: that of the offer.", None),
        "ChangesBody.configuration": Word("Other settings; null: those of the offer.", None),
        "ChangesView.configuration": Word("Other settings; null: those of the offer.", None),
        "VariantPriceBody": Word("What a variant replaces of the price.", {"base": 9500}),
        "VariantPriceView": Word("What a variant replaces of the price."),
        **{
            f"{it}.base": Word("Another base price, in minor units; null: that of the offer.", 9500)
            for it in ("VariantPriceBody", "VariantPriceView")
        },
        **{
            f"{it}.discount": Word("Another price while the discount lasts; null: that of the offer.", None)
            for it in ("VariantPriceBody", "VariantPriceView")
        },
        "exposures": Word("Sessions that have seen the variant.", 1000),
        "conversions": Word("Of these, how many have a paid order with it.", 130),
        "rate": Word("Conversions by exposures; null without any.", 0.13),
        "z": Word("The z of the comparison with the control; null if there is too little.", 2.1027),
        "p_value": Word("Two-sided; null if there is too little.", 0.035488),
        "significant": Word("Whether p is below 0.05 by the number of comparisons; null as for p.", True),
        "winner": Word("The variant that all sessions see now; null: the offer itself.", None),
        "method": Word("How variants are compared.", "two_proportion_z_pooled"),
        "ExperimentEnd": Word("How the experiment ends.", {"winner": _VARIANT}),
    }
)
