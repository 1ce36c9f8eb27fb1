"""What is open, fails and is compensated, and how long checkouts take."""

from __future__ import annotations

from projections.questions.question import Chart, Column, Param, Question

BUCKETS_MS = (25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000)
LIMITS = ", ".join(str(it) for it in BUCKETS_MS)
COUNT = Column("count", "integer", "Number of occurrences.", 4)

CHECKOUT_OPERATIONS = Question(
    name="checkout-operations",
    title="Checkout operations",
    about="Counts and durations of the checkouts started in the range.",
    columns=(
        Column("in_flight", "integer", "Number of checkouts that have not ended.", 3),
        Column(
            "stuck",
            "integer",
            "Number of those with a step that needs an operator, or that are open for longer than "
            "they should be. What waits for a payment or a review is not stuck before that time is over.",
            0,
        ),
        Column(
            "oldest_open_seconds",
            "integer",
            "Age of the oldest open checkout; null if there is none.",
            2,
            nullable=True,
            unit="seconds",
        ),
        Column(
            "failures",
            "list",
            "Failed checkouts by phase and code.",
            schema="Failure",
            fields=(
                Column("phase", "text", "The step at which they failed.", "authorize_payment"),
                Column("code", "text", "The reason.", "PAYMENT_DECLINED"),
                COUNT,
            ),
        ),
        Column(
            "compensations",
            "list",
            "Compensated steps.",
            schema="Compensation",
            fields=(Column("step", "text", "The step.", "reserve_stock"), COUNT),
        ),
        Column(
            "duration_ms",
            "object",
            "How long completed checkouts took, in milliseconds; null if none was completed.",
            schema="Durations",
            unit="milliseconds",
            fields=(
                *(
                    Column(
                        name,
                        "integer",
                        f"{share} of the checkouts took at most this long; null if none was completed.",
                        example,
                        nullable=True,
                        unit="milliseconds",
                    )
                    for name, share, example in (
                        ("p50", "Half", 180),
                        ("p95", "95 %", 420),
                        ("p99", "99 %", 900),
                    )
                ),
                Column(
                    "histogram",
                    "list",
                    "Cumulative histogram of the durations.",
                    schema="Bucket",
                    fields=(
                        Column(
                            "le",
                            "integer",
                            "Upper limit; null for no limit.",
                            250,
                            nullable=True,
                            unit="milliseconds",
                        ),
                        Column("count", "integer", "Number of checkouts that took at most so long.", 4),
                    ),
                ),
            ),
        ),
    ),
    params=(
        Param(
            "stuck_after_seconds",
            "How long after its start, or after the end of a wait, an open checkout counts as stuck.",
            kind="number",
            default=1200.0,
            is_setting=True,
        ),
    ),
    sql=f"""
        WITH counted AS (
            SELECT kind, label, code, sum(count)::bigint AS count FROM public.checkout_operations
            WHERE tenant = :tenant AND day >= :first AND day < :end
            GROUP BY kind, label, code HAVING sum(count) <> 0
        ), duration AS (
            SELECT ms, count, sum(count) OVER (ORDER BY ms) AS up_to, sum(count) OVER () AS total
            FROM (SELECT label::bigint AS ms, count FROM counted WHERE kind = 'duration') AS found
        ), bucket AS (
            SELECT le, (SELECT coalesce(sum(count), 0) FROM duration WHERE le IS NULL OR ms <= le) AS count
            FROM unnest(ARRAY[{LIMITS}, NULL]::bigint[]) AS le
        ), open AS (
            SELECT (state->>'begun_ms')::bigint / 1000.0 AS begun,
                   coalesce((state->>'extended_ms')::bigint, 0) / 1000.0 AS extended,
                   state->'stuck' <> '[]' AS needs_operator,
                   extract(epoch FROM :now) AS now
            FROM public.checkout_operations_subject
            WHERE tenant = :tenant AND state->>'ended' = 'false'
              AND state->>'begun' >= :first::text AND state->>'begun' < :end::text
        )
        SELECT in_flight, stuck, oldest_open_seconds, failures, compensations, duration_ms
        FROM (
            SELECT count(*) AS in_flight,
                   count(*) FILTER (
                       WHERE needs_operator OR begun + extended < now - :stuck_after_seconds) AS stuck,
                   greatest(0, floor(max(now - begun)))::bigint AS oldest_open_seconds
            FROM open
        ) AS of_open, (
            SELECT coalesce(
                       jsonb_agg(jsonb_build_object('phase', label, 'code', code, 'count', count)
                                 ORDER BY count DESC, label, code) FILTER (WHERE kind = 'failure'),
                       '[]') AS failures,
                   coalesce(
                       jsonb_agg(jsonb_build_object('step', label, 'count', count)
                                 ORDER BY count DESC, label) FILTER (WHERE kind = 'compensation'),
                       '[]') AS compensations
            FROM counted
        ) AS of_counts, (
            SELECT jsonb_build_object(
                       'p50', min(ms) FILTER (WHERE up_to * 100 >= total * 50),
                       'p95', min(ms) FILTER (WHERE up_to * 100 >= total * 95),
                       'p99', min(ms) FILTER (WHERE up_to * 100 >= total * 99),
                       'histogram', (SELECT jsonb_agg(jsonb_build_object('le', le, 'count', count)
                                                      ORDER BY le NULLS LAST) FROM bucket)
                   ) AS duration_ms
            FROM duration
        ) AS of_durations
    """,
    ranged=True,
    single=True,
    models=("checkout_operations",),
    chart=Chart("tiles", y=("in_flight", "stuck", "oldest_open_seconds")),
    view=False,
)
"""One statement sees one snapshot, so that a swap of the read model is seen completely or not at all."""
