"""A page of GET /v1/analytics/products, as of the first page."""

from __future__ import annotations

from projections.models.products.model import PRODUCTS

PAGE = f"""
    WITH later AS (
        SELECT product_id, currency, sum(times_sold) AS times_sold, sum(quantity) AS quantity,
               sum(revenue) AS revenue
        FROM {PRODUCTS.table}_change
        WHERE tenant = $1 AND day >= $2 AND day < $3 AND changed_at > $5::timestamptz - interval '10 minutes'
          AND NOT pg_visible_in_snapshot(changed_by, $4::text::pg_snapshot)
        GROUP BY product_id, currency
    ), by_now AS (
        SELECT product_id, currency, (array_agg(sku ORDER BY day DESC, sku))[1] AS sku,
               (array_agg(name ORDER BY day DESC, name))[1] AS name,
               sum(times_sold) AS times_sold, sum(quantity) AS quantity, sum(revenue) AS revenue
        FROM {PRODUCTS.table}
        WHERE tenant = $1 AND day >= $2 AND day < $3
        GROUP BY product_id, currency
    ), known AS (
        SELECT product_id, currency, sku, name,
               (n.times_sold - coalesce(l.times_sold, 0))::bigint AS times_sold,
               (n.quantity - coalesce(l.quantity, 0))::bigint AS quantity,
               (n.revenue - coalesce(l.revenue, 0))::bigint AS revenue
        FROM by_now n LEFT JOIN later l USING (product_id, currency)
    )
    SELECT known.*, coalesce($4, pg_current_snapshot()::text) AS seen, coalesce($5, now()) AS since
    FROM known
    WHERE (times_sold, quantity, revenue) <> (0, 0, 0)
      AND ($6::bigint IS NULL OR revenue < $6
           OR (revenue = $6 AND (product_id, currency) > ($7, $8)))
    ORDER BY revenue DESC, product_id, currency LIMIT $9
"""  # noqa: S608  # the table's name is a constant
"""$4 and $5: the snapshot and the time of the first page. Later pages subtract the changes made since then:
with a cursor over current figures, a product whose revenue grows between two pages would be missed."""
