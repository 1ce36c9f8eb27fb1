"""Maximum likelihood of the parameters of a model, all of which are positive.

The search has no random start: the same data give the same parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]

MAX_STEPS = 6_000
LARGEST = 30.0
"""Of a parameter's logarithm: beyond it the search has run away, and the likelihood has no maximum."""


class NotFitted(Exception):
    """The data have no likeliest parameters: the likelihood grows without end, or is not a number."""


class Fit(NamedTuple):
    parameters: tuple[float, ...]
    log_likelihood: float


def maximize(log_likelihood: Callable[[Floats], Floats], start: Sequence[float], weights: Floats) -> Fit:
    """``log_likelihood``: of each observation, by the parameters; ``weights``: how often each was observed.

    Nelder and Mead's search in the logarithms of the parameters needs no derivatives and survives a start far
    from the maximum; L-BFGS-B refines what it has found.
    """
    total = weights.sum()

    def loss(logarithms: Floats) -> float:
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            mean = float(weights @ log_likelihood(np.exp(logarithms)) / total)
        return -mean if np.isfinite(mean) else np.inf

    options = {"maxiter": MAX_STEPS, "maxfev": MAX_STEPS, "xatol": 1e-7, "fatol": 1e-11}
    found = minimize(loss, np.log(start), method="Nelder-Mead", options=options)
    refined = minimize(loss, found.x, method="L-BFGS-B")
    best = refined if refined.fun < found.fun else found
    if not (np.isfinite(best.fun) and found.success and np.abs(best.x).max() < LARGEST):
        raise NotFitted("the likelihood has no maximum within reach")
    return Fit(tuple(float(it) for it in np.exp(best.x)), float(-best.fun * total))
