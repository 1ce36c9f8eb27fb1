"""What one offer achieves, and which variants of its experiments do better."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from pricing.sample_ratio import check_split
from pricing.significance import Count, compare
from pricing.significance import interval as interval_of
from projections.questions.definitions.offers import OFFERS
from projections.questions.question import Column, Param
from projections.questions.wilson import interval_columns

EXAMPLE = "019a2b3c-0004-7000-8000-000000000001"
VARIANTS = Column(
    "variants",
    "list",
    "The variants of the offer's experiments, by experiment; the first is the control. Exposures count on "
    "their own day, and so do their conversions.",
    fields=(
        Column("experiment_id", "id", "The experiment.", EXAMPLE),
        Column("variant_id", "id", "The variant.", EXAMPLE),
        Column("name", "text", "What the variant is called.", "control"),
        Column("exposures", "integer", "Number of sessions that saw it.", 1000),
        Column("conversions", "integer", "Number of those that have paid an order with it.", 200),
        Column(
            "rate",
            "rate",
            "Share of the sessions that bought: from 0 to 1, or null if none saw it.",
            0.2,
            nullable=True,
            formula="conversions / exposures",
        ),
        *interval_columns("rate", 0.176, 0.226),
        Column(
            "p_value",
            "number",
            "How probable a difference to the control at least this large is if there is none; null for the "
            "control, and where there are fewer than 5 conversions, or sessions without one, to be expected.",
            0.0074,
            nullable=True,
            formula="two-sided z-test of two proportions with pooled variance",
        ),
        Column(
            "significant",
            "boolean",
            "Whether the difference is significant at 5 %, shared out between the variants. It means "
            "something once, at a number of sessions that was fixed beforehand.",
            True,
            nullable=True,
            formula="p_value < 0.05 / (number of variants - 1)",
        ),
        Column(
            "split_p_value",
            "number",
            "How probable shares of the sessions as far from the weights as in this experiment are; null if "
            "none saw it.",
            0.4,
            nullable=True,
            formula="chi-square test",
        ),
        Column(
            "split_is_broken",
            "boolean",
            "Whether the sessions were not shared out by the weights, so that the rates cannot be compared.",
            False,
            nullable=True,
            formula="split_p_value < 0.001",
        ),
    ),
)
IN_DAYS = "tenant = :tenant AND offer_id = :offer_id AND day >= :first AND day < :end"


def _with_comparisons(row: Mapping[str, Any]) -> Mapping[str, Any]:
    by_experiment = groupby(row["variants"], key=lambda it: it["experiment_id"])
    variants = [compared for _, group in by_experiment for compared in _compared(list(group))]
    return {**row, "variants": variants}


def _compared(variants: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """The variants of one experiment, the control first."""
    counts = [Count(it["exposures"], it["conversions"]) for it in variants]
    split = check_split([it["weight"] for it in variants], [it.exposures for it in counts])
    for position, (variant, count) in enumerate(zip(variants, counts, strict=True)):
        found = compare(counts[0], count, len(counts) - 1) if position else None
        within = interval_of(count)
        yield {
            **variant,
            "rate": count.rate,
            "rate_low": within and within.low,
            "rate_high": within and within.high,
            "p_value": found and found.p_value,
            "significant": None if found is None else found.significant,
            "split_p_value": split and split.p_value,
            "split_is_broken": None if split is None else split.broken,
        }


OFFER = replace(
    OFFERS,
    name="offer",
    title="Offer",
    about=f"{OFFERS.about} For one offer, with the variants of its experiments.",
    path="offers/{offer_id}",
    columns=(*(replace(it, filter=it.name == "currency") for it in OFFERS.columns), VARIANTS),
    sql=f"""
        WITH exposed AS (
            SELECT variant_id, sum(exposures) AS exposures, sum(conversions) AS conversions
            FROM public.offer_activity WHERE {IN_DAYS} GROUP BY variant_id
        ), variant AS (
            SELECT jsonb_agg(jsonb_build_object(
                       'experiment_id', experiment_id, 'variant_id', variant_id, 'name', name,
                       'weight', weight, 'exposures', coalesce(exposures, 0),
                       'conversions', coalesce(conversions, 0)
                   ) ORDER BY experiment_id, position) AS variants
            FROM public.experiment_variants LEFT JOIN exposed USING (variant_id)
            WHERE tenant = :tenant AND offer_id = :offer_id
        )
        SELECT offer.*, coalesce(variants, '[]') AS variants
        FROM ({OFFERS.sql}) AS offer CROSS JOIN variant WHERE offer_id = :offer_id
    """,  # the parts are constants
    params=(Param("offer_id", "The offer.", kind="id", example=EXAMPLE),),
    single=True,
    derive=_with_comparisons,
    models=(*OFFERS.models, "experiment_variants"),
    drill={},
    view=False,
    no_row="The tenant has no such offer, or nothing happened to it in the range of days.",
)
