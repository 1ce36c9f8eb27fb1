"""The assignment of sessions to variants."""

from uuid import UUID

import pytest

from contracts.experiment import Variant
from pricing.experiments import bucket_of, variant_for

EXPERIMENT = UUID("018f6b1e-7c3a-7d2e-9a41-5b2f6c0d1e2f")
SESSIONS = [f"s-{number}" for number in range(1, 6)]


def variants(**weights: int) -> list[Variant]:
    return [
        Variant(variant_id=UUID(int=number), name=name, weight=weight)
        for number, (name, weight) in enumerate(weights.items(), 1)
    ]


def assigned(*among: Variant) -> list[str]:
    return [variant_for(EXPERIMENT, session, among).name for session in SESSIONS]


def test_e13_a_session_is_in_the_same_bucket_everywhere() -> None:
    assert [bucket_of(EXPERIMENT, session, 100) for session in SESSIONS] == [96, 35, 50, 15, 65]
    assert assigned(*variants(control=50, b=50)) == ["b", "control", "b", "control", "b"]


def test_e14_shares_of_sessions_are_shares_of_weights() -> None:
    assert assigned(*variants(control=80, b=15, c=5)) == ["c", "control", "control", "control", "control"]


def test_an_experiment_without_variants_assigns_none() -> None:
    with pytest.raises(ValueError, match="no variants"):
        variant_for(EXPERIMENT, "s-1", [])
