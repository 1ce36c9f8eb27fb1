"""Referrals: who was referred, what those people bought, and what their referrers are owed."""

from __future__ import annotations

from typing import get_args

from kernel.projections.counters import CounterModel
from projections.models.referrals.money import MONEY
from projections.models.referrals.people import PEOPLE
from projections.models.referrals.state import KnownFact, Referral, fold, subject

REFERRALS: CounterModel[Referral, KnownFact] = CounterModel(
    name="referrals",
    version=1,
    facts=get_args(KnownFact),
    selective=True,
    state=Referral,
    subject=subject,
    fold=fold,
    counters=(PEOPLE, MONEY),
)
