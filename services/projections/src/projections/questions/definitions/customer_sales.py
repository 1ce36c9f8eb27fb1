"""SQL that the questions about customers have in common. Each part is a common table expression.

A customer is counted by UTC days with an order. A day whose orders were all cancelled later is none, and its
rows stand for 0; a free order is one.
"""

from __future__ import annotations

from projections.questions.definitions.retention_strategies import STRATEGIES
from projections.questions.question import Param

TODAY = "(:now AT TIME ZONE 'UTC')::date"
OPEN_DAY = f"least(:known + 1, {TODAY})"
"""The first day that is not over. What contains it is not compared with what is over."""


def _recorded(end: str) -> str:
    return f"FROM public.sales WHERE tenant = :tenant AND known <= :known AND day < {end}"


def _cancelled_days(end: str) -> str:
    """SQL: the days from which orders were taken away, and which have none left."""
    return f"""
        SELECT customer_id, currency, day {_recorded(end)} AND (customer_id, currency, day) IN (
            SELECT customer_id, currency, day {_recorded(end)} AND orders < 0
        )
        GROUP BY customer_id, currency, day HAVING sum(orders) <= 0
    """


def _sold(end: str, cancelled_days: str) -> str:
    return f"""
        SELECT customer_id, currency, day, orders, gross, refunded,
               orders > 0 AND (customer_id, currency, day) NOT IN ({cancelled_days}) AS has_ordered
        {_recorded(end)}
    """


def by_day_before(end: str) -> str:
    """SQL: what customers have ordered on the days before ``end``, and what was refunded on them, as known. A
    day that was corrected has several rows, to be added; ``has_ordered`` says whether the day counts, in its
    rows with orders alone.

    Days are not added up here, since nearly all of them have one row, and grouping is most of the work: only
    a day from which orders were taken away may have none left. Neither are the rows kept for those who read
    them: each reads the index that has its columns in its order."""
    return f"""
    cancelled_days AS MATERIALIZED ({_cancelled_days(end)}),
    by_day AS NOT MATERIALIZED ({_sold(end, "TABLE cancelled_days")})"""


BY_DAY = by_day_before("'infinity'")
"""The same of all days."""

SOLD = _sold("'infinity'", _cancelled_days("'infinity'"))
"""SQL: the rows of ``by_day`` as a SELECT of its own, for lists. PostgreSQL plans a WITH apart from the LIMIT
around it, and so computes all rows; without one a list looks up what it shows."""


def not_erased(rows: str) -> str:
    """SQL condition of lists of customers: their personal data was not erased. ``rows``: the name of rows
    that have a ``customer_id``."""
    return f"""
    NOT EXISTS (
        SELECT FROM public.erased_customers AS gone
        WHERE gone.tenant = :tenant AND gone.customer_id = {rows}.customer_id
    )
    """


SEGMENT_OF_FIGURES = """
    LEFT JOIN LATERAL (
        SELECT r, f, m, segment FROM public.customer_segment AS scored
        WHERE scored.tenant = :tenant AND scored.customer_id = figures.customer_id COLLATE "default"
          AND scored.currency = figures.currency COLLATE "default" AND scored.from_day <= :known
        ORDER BY scored.from_day DESC LIMIT 1
    ) AS segments ON true
"""
"""SQL: joins scores and segment of each customer to rows that are called ``figures``, as of the last run up
to then. One look into the primary key for each: reading the whole history of segments takes longer. The key
has the default collation and the sales have "C": with another one PostgreSQL cannot use it."""

SEGMENTS = f"SELECT unnest('{{{','.join(STRATEGIES)}}}'::text[])"
"""SQL: the names of all segments."""

EXPECTATIONS = """
    SELECT v.customer_id, v.currency, v.probability_90d, v.expected_orders_90d, v.value_12m, r.trained_to
    FROM public.customer_value v JOIN public.model_run r ON r.tenant = v.tenant AND r.run_id = v.run_id
    WHERE v.tenant = :tenant AND r.trained_to <= :known
"""
"""SQL: what the model expects of each customer, if it knows no more than is asked for."""

EXPECTED_OF_FIGURES = f"""
    LEFT JOIN LATERAL (
        SELECT probability_90d, expected_orders_90d, value_12m FROM ({EXPECTATIONS}) AS expected
        WHERE expected.customer_id = figures.customer_id COLLATE "default"
          AND expected.currency = figures.currency COLLATE "default"
    ) AS of_model ON true
"""
"""SQL: joins what is expected to rows that are called ``figures``, with the collation of its key."""

SPANS = """
    spans AS (
        SELECT customer_id, day, next
        FROM (
            SELECT customer_id, day,
                   lead(day) OVER (PARTITION BY customer_id ORDER BY day ROWS UNBOUNDED PRECEDING) AS next
            FROM by_day WHERE has_ordered
        ) AS order_day
        WHERE next IS DISTINCT FROM day
    )
"""
"""The days on which a customer ordered in any currency, each once, with the next one. Needs ``by_day``. With
``ROWS`` no row is compared with its peers, which ``lead`` does not ask for."""


SHARE_OF_GAPS = 0.9
"""Of the gaps between two days with orders of a customer, so many are no longer than the usual silence."""


def silence(given: str) -> str:
    """SQL: after how many days without an order a customer has left, unless so many are ``given``. Needs
    ``spans``. It is materialized: PostgreSQL may compute it for each row where it expects few of them."""
    return f"""
    silence AS MATERIALIZED (
        SELECT coalesce(
                   {given},
                   percentile_disc({SHARE_OF_GAPS}) WITHIN GROUP (ORDER BY next - day)
                       FILTER (WHERE next IS NOT NULL)
               )::integer AS days
        FROM spans
    )"""


SILENCE = silence(":silent_days")

SILENT_DAYS = Param(
    "silent_days",
    f"After how many days without an order a customer has left; by default {SHARE_OF_GAPS:.0%} of the gaps "
    "between two days with orders are no longer.",
    kind="integer",
    minimum=1,
    maximum=3650,
    example=90,
)

ABOUT_SILENCE = "A customer leaves on the day that ends silent_days days without an order."
"""What ``SILENCE`` means, for people. How many days those are by default says the parameter."""


def segments_of(found: str, periods: str) -> str:
    """SQL: the rows of ``left_in``, each with the customer's segment when the period began. A customer of
    several currencies counts in the segment that was set last. ``found``: these rows; ``periods``: theirs.

    The segments of all customers are read once for each period, in the order of the index: up to some 40
    changes of a customer that is faster than a look for each."""
    return f"""
        SELECT f.first, f.customer_id, f.has_left, coalesce(s.segment, 'unknown') COLLATE "C" AS segment
        FROM {found} AS f LEFT JOIN (
            SELECT p.first, s.customer_id, s.segment
            FROM {periods} AS p CROSS JOIN LATERAL (
                SELECT DISTINCT ON (customer_id) customer_id, segment FROM public.customer_segment
                WHERE tenant = :tenant AND from_day <= least(p.first, :known)
                ORDER BY customer_id, from_day DESC, currency
            ) AS s
        ) AS s ON s.first = f.first AND s.customer_id = f.customer_id
    """


def left_in(periods: str) -> str:
    """SQL: for each period that has ``first`` and ``end`` (a day after), its customers who had not left when
    it began, and whether they left in it. Needs ``spans`` and ``silence``."""
    return f"""
        SELECT p.first, s.customer_id,
               (s.next IS NULL OR s.next > s.day + silence.days) AND s.day + silence.days < p.end AS has_left
        FROM {periods} AS p, silence, spans AS s
        WHERE s.day < p.first AND s.day + silence.days >= p.first
          AND (s.next IS NULL OR s.next >= p.first)
    """
