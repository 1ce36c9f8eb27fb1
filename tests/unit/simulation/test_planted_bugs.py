"""A simulation that cannot fail shows nothing: it finds each of these within a few seeds."""

from __future__ import annotations

import pytest

from tests.proofs.simulation.outcome import outcomes
from tests.proofs.simulation.scene import drawn
from tests.unit.simulation.bugs import PLANTED, Plant

AT_ONCE = 10
ENOUGH = 100


@pytest.mark.parametrize("plant", PLANTED, ids=lambda it: it.__name__)
def test_a_bug_in_the_code_is_found(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)
    for first in range(1, ENOUGH, AT_ONCE):
        if any(
            it.violations for it in outcomes([(drawn(seed), None) for seed in range(first, first + AT_ONCE)])
        ):
            return
    pytest.fail(f"{ENOUGH} seeds, and nobody has noticed")
