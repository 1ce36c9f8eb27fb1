"""Carts: the funnel that they pass, and what becomes of abandoned ones."""

from __future__ import annotations

from typing import get_args

from kernel.projections.counters import CounterModel
from projections.models.carts.abandonment import ABANDONMENT
from projections.models.carts.funnel import FUNNEL
from projections.models.carts.state import Cart, KnownFact, fold, subject

CARTS: CounterModel[Cart, KnownFact] = CounterModel(
    name="carts",
    version=1,
    facts=get_args(KnownFact),
    selective=True,
    state=Cart,
    subject=subject,
    fold=fold,
    counters=(FUNNEL, ABANDONMENT),
)
