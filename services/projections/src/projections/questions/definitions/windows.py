"""SQL of the figures that the executive report and the recommendations rest on, in windows of whole days.

A window of whole days is compared with the one before, which is as long.
"""

from __future__ import annotations

from projections.questions.definitions.customer_sales import EXPECTATIONS, left_in
from projections.questions.expressions import average, share


def windows(days: int, end: str, *, compared: bool = True) -> str:
    """The common table expressions ``windows`` (``name`` is current or previous, ``first`` day, ``end`` the
    day after), ``new_customers``, ``spend``, ``cac``, ``ltv`` (by currency), ``reported_ltv`` (what the
    report said last in the previous window, up to the day after it), ``found`` (by window and customer) and
    ``leaving`` (by window). They need ``by_day``, ``spans`` and ``silence``. The current window ends before
    the day ``end``; values that were learned from later days are none. ``compared``: whether there is a
    previous one.

    A customer is new once, in the currency of the first order; on a day with first orders in several, in the
    first of these by name. ``exact_cac`` and ``exact_ltv`` are for comparing; the others are in whole minor
    units."""
    return f"""
    windows AS (
        SELECT name, {end} - {days} * (back + 1) AS first, {end} - {days} * back AS end
        FROM (VALUES ('current', 0){", ('previous', 1)" if compared else ""}) AS of (name, back)
    ), first_orders AS (
        SELECT customer_id, day, (
                   SELECT min(currency) FROM by_day
                   WHERE has_ordered AND customer_id = earliest.customer_id AND day = earliest.day
               ) AS currency
        FROM (
            SELECT DISTINCT ON (customer_id) customer_id, day FROM by_day WHERE has_ordered
            ORDER BY customer_id, day
        ) AS earliest
        WHERE day >= (SELECT min(first) FROM windows)
    ), new_customers AS (
        SELECT name, currency, count(*) AS customers
        FROM first_orders JOIN windows ON day >= first AND day < windows.end GROUP BY name, currency
    ), spend AS (
        SELECT name, currency, sum(amount)::bigint AS amount
        FROM (
            SELECT DISTINCT ON (channel, day, currency) channel, day, currency, amount
            FROM public.marketing_spend WHERE tenant = :tenant AND known <= :known
            ORDER BY channel, day, currency, recorded_at DESC, spend_id DESC
        ) AS latest JOIN windows ON day >= first AND day < windows.end
        GROUP BY name, currency
    ), cac AS (
        SELECT name, currency, amount AS spend, coalesce(customers, 0) AS customers,
               {average("amount", "coalesce(customers, 0)")} AS cac,
               amount::numeric / nullif(customers, 0) AS exact_cac
        FROM spend LEFT JOIN new_customers USING (name, currency)
    ), expected AS ({EXPECTATIONS}), ltv AS (
        SELECT currency, {average("sum(value_12m)", "count(value_12m)")} AS ltv, avg(value_12m) AS exact_ltv
        FROM expected WHERE trained_to < {end}
        GROUP BY currency
    ), reported_ltv AS (
        SELECT DISTINCT ON (currency) currency, (value->>'amount')::numeric AS ltv
        FROM public.figures_reported JOIN windows ON windows.name = 'previous'
        WHERE tenant = :tenant AND figure = 'ltv' AND jsonb_typeof(value) = 'object'
          AND reported_on > first AND reported_on <= windows.end
        ORDER BY currency, reported_on DESC
    ), found AS ({left_in("windows")}), leaving AS (
        SELECT name, {share("churned", "customers")} AS rate
        FROM windows LEFT JOIN (
            SELECT first, count(*) AS customers, count(*) FILTER (WHERE has_left) AS churned
            FROM found GROUP BY first
        ) AS of_window USING (first)
    )"""
