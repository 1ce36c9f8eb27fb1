"""Next orders and value of each customer: BG/NBD for orders, Gamma-Gamma for what one is worth.

It is fitted twice. The first fit knows the days until 90 days before the end, and is compared with what
came after: its errors are those of the answer. The second one knows everything, and is the answer.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from projections.model_runs.fits.outcome import CustomerValue, Outcome, TooFew
from projections.model_runs.models import HORIZON_DAYS, MIN_CUSTOMERS, MIN_REPEATERS
from projections.model_runs.sales import Sales, day_of
from projections.statistics import bg_nbd, gamma_gamma, mbg_nbd
from projections.statistics.fitting import NotFitted
from projections.statistics.gamma_gamma import GammaGamma
from projections.statistics.lifetime_value import DISCOUNT_A_MONTH, lifetime_value
from projections.statistics.order_days import DAYS_A_WEEK, Histories, OrderDays, distinct, histories
from projections.statistics.ranking import deciles, ranked

WEEKS = HORIZON_DAYS / DAYS_A_WEEK


def fit(sales: Sales) -> Outcome:
    """Raises ``TooFew`` or ``NotFitted``."""
    orders, end = sales.order_days, sales.last_day
    if end is None:
        raise TooFew("nothing was sold before today")
    known = _enough(histories(orders, end))
    model, log_likelihood = bg_nbd.fit(distinct(known))
    spending = _spending(known)
    alive = model.p_alive(known.x, known.t_x, known.age)
    probability = model.probability_of_order(known.x, known.t_x, known.age, WEEKS)
    expected = model.expected_orders(known.x, known.t_x, known.age, WEEKS)
    values: list[int | None] = [None] * len(known.x)
    if spending:
        value = sales.kept_share * lifetime_value(model, spending, known)
        values = [int(it) for it in np.rint(value)]
    columns = (it.tolist() for it in (alive, probability, expected))
    names = [sales.customers[it] for it in known.customer]
    rows = zip(names, *columns, values, strict=True)
    mbg, mbg_log_likelihood = mbg_nbd.fit(distinct(known))
    return Outcome(
        trained_from=day_of(int(orders.day.min())),
        trained_to=day_of(end),
        parameters={
            "bg_nbd": model.parameters,
            "mbg_nbd": {**mbg.parameters, "log_likelihood": mbg_log_likelihood},
            "gamma_gamma": spending.parameters if spending else None,
            "discount_a_month": DISCOUNT_A_MONTH,
            "kept_share": sales.kept_share,
        },
        results=[CustomerValue(*row) for row in rows],
        log_likelihood=log_likelihood,
        errors=holdout_errors(orders, end),
    )


def holdout_errors(orders: OrderDays, end: int) -> dict[str, Any]:
    """Of the fit that ends 90 days earlier, on the days after its end."""
    cut = end - HORIZON_DAYS
    found: dict[str, Any] = {
        "holdout_from": day_of(cut + 1).isoformat(),
        "holdout_to": day_of(end).isoformat(),
    }
    try:
        known = _enough(histories(orders, cut))
        model, _ = bg_nbd.fit(distinct(known))
    except (TooFew, NotFitted) as missing:
        return {**found, "reason": str(missing)}
    later = orders.after(cut, end)
    actual = np.bincount(later.customer, minlength=int(known.customer.max()) + 1)[known.customer]
    expected = model.expected_orders(known.x, known.t_x, known.age, WEEKS)
    probability = model.probability_of_order(known.x, known.t_x, known.age, WEEKS)
    ordered = (actual > 0).astype(np.float64)
    ranking, base = ranked(probability, ordered), float(ordered.mean())
    total = int(actual.sum())
    return {
        **found,
        "customers": len(known.x),
        "expected": float(expected.sum()),
        "actual": total,
        "wape": float(np.abs(expected - actual).sum() / total) if total else None,
        "auc": ranking.auc,
        "brier": ranking.brier,
        "brier_of_the_mean": base * (1 - base),
        "deciles": [it._asdict() for it in deciles(probability, ordered)],
    }


def _enough(known: Histories) -> Histories:
    customers, repeaters = len(known.x), int(known.is_repeater.sum())
    if customers < MIN_CUSTOMERS or repeaters < MIN_REPEATERS:
        raise TooFew(
            f"{customers} customers, {repeaters} of whom have ordered on two days: "
            f"the model needs {MIN_CUSTOMERS} and {MIN_REPEATERS}"
        )
    return known


def _spending(known: Histories) -> GammaGamma | None:
    """None where the values of orders follow no such model; orders are expected all the same."""
    paid = known.mean_value[known.mean_value > 0]
    try:
        return gamma_gamma.fit(known, unit=float(np.median(paid)))[0] if len(paid) else None
    except NotFitted:
        return None
