"""Orders: their amounts follow from their lines, and everybody who has named the total named the same."""

from cli.verify.check import Breach, Check

O1 = Check(
    "O1",
    "An order's total is the sum of its lines and the shipping, and what was confirmed, paid and completed.",
    "SELECT count(*) FROM orders",
    (
        Breach(
            "the amounts do not add up",
            """
            WITH told AS (
                SELECT stream_id AS order_id, tenant, body, json_extract(body,
                    '$.sale.totals.subtotal') AS subtotal,
                       json_extract(body, '$.sale.totals.discount') AS discount,
                       json_extract(body, '$.sale.totals.shipping') AS shipping,
                       json_extract(body, '$.sale.totals.tax') AS tax,
                       json_extract(body, '$.sale.totals.total') AS total,
                       coalesce((SELECT sum(json_extract(d.value, '$.amount'))
                                 FROM json_each(log.body, '$.sale.discounts') d), 0) AS promotions
                FROM log WHERE type = 'order.created'
            ), line AS (
                SELECT t.order_id, json_extract(e.value, '$.unit_price') * json_extract(e.value,
                    '$.quantity') AS gross,
                       json_extract(e.value, '$.discount') AS discount, json_extract(e.value, '$.tax') AS tax,
                       json_extract(e.value, '$.total') AS total
                FROM told t, json_each(t.body, '$.sale.lines') e
            ), lines AS (
                SELECT order_id, sum(gross) AS gross, sum(discount) AS discount, sum(tax) AS tax,
                    sum(total) AS total,
                       max(total NOT IN (gross - discount, gross - discount + tax)) AS odd
                FROM line GROUP BY order_id
            )
            SELECT t.tenant, t.order_id, t.subtotal, t.discount, t.tax, t.shipping, t.total,
                   l.gross AS of_lines, l.discount AS discount_of_lines, l.tax AS tax_of_lines,
                   l.total AS total_of_lines, t.promotions
            FROM told t JOIN lines l USING (order_id)
            WHERE l.odd OR t.subtotal <> l.gross OR t.discount <> l.discount OR t.tax <> l.tax
               OR t.total <> l.total + t.shipping OR t.promotions <> t.discount OR t.total < 0
            """,
        ),
        Breach(
            "named differently by the catalogue",
            """
            SELECT o.tenant, o.order_id, o.checkout_id, o.total, json_extract(l.body,
                '$.totals.total') AS confirmed
            FROM orders o JOIN log l ON l.checkout_id = o.checkout_id AND l.type = 'price.confirmed'
            WHERE json_extract(l.body, '$.totals.total') <> o.total
            """,
        ),
        Breach(
            "named differently when it was paid or completed",
            """
            SELECT o.tenant, o.order_id, o.checkout_id, o.total, o.currency, l.type,
                   coalesce(json_extract(l.body, '$.amount'), json_extract(l.body, '$.total')) AS named,
                   json_extract(l.body, '$.currency') AS named_currency
            FROM orders o JOIN log l ON (l.stream_id = o.order_id AND l.type = 'order.paid')
                                     OR (l.stream_id = o.checkout_id AND l.type = 'checkout.completed')
            WHERE named <> o.total OR named_currency <> o.currency
            """,
        ),
        Breach(
            "completed without an order",
            """
            SELECT k.tenant, k.checkout_id FROM checkout k WHERE k.ended = 'completed'
            AND NOT EXISTS (SELECT 1 FROM orders o WHERE o.checkout_id = k.checkout_id
                AND o.tenant = k.tenant)
            """,
        ),
    ),
)

CHECKS = (O1,)
