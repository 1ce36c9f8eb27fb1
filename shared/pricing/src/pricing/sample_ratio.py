"""Whether the sessions were shared out between variants as their weights say: a chi-square test.

Where they were not, the sessions of the variants are not alike, and their rates cannot be compared.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import erfc, exp, pi, sqrt

LEVEL = 0.001
"""Low, because it is looked at all the time, and a correct split must not be suspected."""


@dataclass(frozen=True, slots=True)
class Split:
    """``p_value``, to 6 decimals: the probability of a deviation at least this large in a correct split."""

    p_value: float
    broken: bool


def check_split(weights: Sequence[int], exposures: Sequence[int]) -> Split | None:
    """None if there is nothing to compare."""
    total, weight = sum(exposures), sum(weights)
    if not total or len(weights) < 2:
        return None
    expected = [total * it / weight for it in weights]
    deviation = sum((seen - due) ** 2 / due for seen, due in zip(exposures, expected, strict=True))
    p_value = chi_square_tail(deviation, len(weights) - 1)
    return Split(round(p_value, 6), p_value < LEVEL)


def chi_square_tail(x: float, degrees: int) -> float:
    """The probability that a chi-square variable of so many degrees of freedom is above ``x``: a finite sum
    for whole degrees."""
    half = x / 2
    if degrees % 2:
        tail, term, order = erfc(sqrt(half)), exp(-half) * sqrt(half) * 2 / sqrt(pi), 1.5
    else:
        tail, term, order = exp(-half), exp(-half) * half, 2.0
    while order <= degrees / 2:
        tail += term
        term *= half / order
        order += 1
    return tail
