"""Injected defects: for a while after each a request may be answered 500."""

from __future__ import annotations

from collections.abc import Sequence

from kernel.faults.failpoint import Action
from tests.proofs.failpoints.arming import Shot
from tests.proofs.journal import Try

ANSWERED_WITHIN = 15.0
"""Seconds from a request to its answer, at most."""


class Defects:
    def __init__(self, shots: Sequence[Shot]) -> None:
        self._at = [it.at for it in shots if it.action == Action.RAISE]
        self.explained = 0

    def explain(self, attempt: Try) -> bool:
        explained = any(attempt.at - 1 <= at <= attempt.at + ANSWERED_WITHIN for at in self._at)
        self.explained += explained
        return explained
