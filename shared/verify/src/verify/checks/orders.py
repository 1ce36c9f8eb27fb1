"""Orders: amounts follow from the lines, and all facts about an order name the same total."""

from verify.check import Check, ViolationQuery

O1 = Check(
    "O1",
    "An order's total is the sum of its lines and the shipping, and what was confirmed, paid and completed.",
    "SELECT count(*) FROM orders",
    (
        ViolationQuery(
            "the amounts do not add up",
            """
            WITH totals AS (
                SELECT stream_id AS order_id, tenant, body, json_extract(body,
                    '$.sale.totals.subtotal') AS subtotal,
                       json_extract(body, '$.sale.totals.discount') AS discount,
                       json_extract(body, '$.sale.totals.shipping') AS shipping,
                       json_extract(body, '$.sale.totals.tax') AS tax,
                       json_extract(body, '$.sale.totals.total') AS total,
                       coalesce(json_extract(body, '$.sale.shipping.total'),
                                json_extract(body, '$.sale.totals.shipping')) AS shipping_total,
                       coalesce(json_extract(body, '$.sale.shipping.tax'), 0) AS shipping_tax,
                       coalesce(json_extract(body, '$.sale.shipping.discount'), 0) AS shipping_discount,
                       coalesce((SELECT sum(json_extract(d.value, '$.amount'))
                                 FROM json_each(log.body, '$.sale.discounts') d), 0) AS promotions
                FROM log WHERE type = 'order.created'
            ), line AS (
                SELECT t.order_id, json_extract(e.value, '$.unit_price') * json_extract(e.value,
                    '$.quantity') AS gross,
                       json_extract(e.value, '$.discount') AS discount, json_extract(e.value, '$.tax') AS tax,
                       json_extract(e.value, '$.total') AS total
                FROM totals t, json_each(t.body, '$.sale.lines') e
            ), lines AS (
                SELECT order_id, sum(gross) AS gross, sum(discount) AS discount, sum(tax) AS tax,
                    sum(total) AS total,
                       max(total NOT IN (gross - discount, gross - discount + tax)) AS odd
                FROM line GROUP BY order_id
            )
            SELECT t.tenant, t.order_id, t.subtotal, t.discount, t.tax, t.shipping, t.total,
                   l.gross AS of_lines, l.discount AS discount_of_lines, l.tax AS tax_of_lines,
                   l.total AS total_of_lines, t.promotions
            FROM totals t JOIN lines l USING (order_id)
            WHERE l.odd OR t.subtotal <> l.gross OR t.discount <> l.discount
               OR t.tax <> l.tax + t.shipping_tax OR t.total <> l.total + t.shipping_total
               OR t.shipping_total NOT IN (t.shipping, t.shipping + t.shipping_tax)
               OR t.promotions <> t.discount + t.shipping_discount OR t.total < 0
            """,
        ),
        ViolationQuery(
            "named differently by the catalogue",
            """
            SELECT o.tenant, o.order_id, o.checkout_id, o.total, json_extract(l.body,
                '$.totals.total') AS confirmed
            FROM orders o JOIN log l ON l.checkout_id = o.checkout_id AND l.type = 'price.confirmed'
            WHERE json_extract(l.body, '$.totals.total') <> o.total
            """,
        ),
        ViolationQuery(
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
        ViolationQuery(
            "completed without an order",
            """
            SELECT k.tenant, k.checkout_id FROM checkout k WHERE k.ended = 'completed'
            AND NOT EXISTS (SELECT 1 FROM orders o WHERE o.checkout_id = k.checkout_id
                AND o.tenant = k.tenant)
            """,
        ),
    ),
)

O2 = Check(
    "O2",
    "A refund's shares add up to it; refunds take no more of a line than was charged for it.",
    "SELECT count(*) FROM log WHERE type = 'order.refunded'",
    (
        ViolationQuery(
            "the shares of a refund do not add up",
            """
            SELECT l.tenant, l.stream_id AS order_id, l.type, json_extract(l.body, '$.amount') AS amount,
                   sum(json_extract(e.value, '$.amount')) AS shares
            FROM log l, json_each(l.body, '$.allocation') e
            WHERE l.type IN ('order.refund_requested', 'order.refunded')
            GROUP BY l.stream_id, l.version HAVING shares <> amount
            """,
        ),
        ViolationQuery(
            "given back or requested for a line beyond what was charged for it",
            """
            WITH taken AS (
                SELECT order_id, line_id, quantity, amount, tax FROM given_back
                UNION ALL
                SELECT n.order_id, json_extract(e.value, '$.line_id'), json_extract(e.value, '$.quantity'),
                       json_extract(e.value, '$.amount'), json_extract(e.value, '$.tax')
                FROM refund_now n
                JOIN log r ON r.stream_id = n.order_id AND r.type = 'order.refund_requested'
                    AND json_extract(r.body, '$.refund_id') = n.refund_id, json_each(r.body, '$.allocation') e
                WHERE n.type NOT IN ('order.refunded', 'order.refund_failed')
            )
            SELECT o.tenant, t.order_id, t.line_id, sum(t.quantity) AS units, sum(t.amount) AS amount,
                   sum(t.tax) AS tax, l.quantity AS units_sold, l.amount AS charged, l.tax AS tax_charged
            FROM taken t JOIN orders o USING (order_id)
            LEFT JOIN order_line l ON l.order_id = t.order_id AND l.line_id IS t.line_id
            GROUP BY t.order_id, t.line_id
            HAVING l.order_id IS NULL OR units > l.quantity OR sum(t.amount) > l.amount OR sum(t.tax) > l.tax
            """,
        ),
    ),
)

O3 = Check(
    "O3",
    "A running refund has a timer; a stuck refund, or one paid twice, is listed for an operator.",
    "SELECT count(*) FROM refund_now",
    (
        ViolationQuery(
            "under way, and nothing asks for it",
            """
            SELECT n.tenant, n.order_id, n.refund_id, n.type FROM refund_now n
            WHERE n.type NOT IN ('order.refunded', 'order.refund_failed') AND n.for_people = 0
              AND NOT EXISTS (
                SELECT 1 FROM timer t WHERE t.subject = n.refund_id AND t.kind = 'refund_order')
            """,
        ),
        ViolationQuery(
            "stuck, and in no operator's list",
            """
            SELECT n.tenant, n.order_id, n.refund_id FROM refund_now n
            WHERE n.type = 'order.refund_stuck' AND NOT EXISTS (
                SELECT 1 FROM belonging b WHERE b.subject = n.order_id AND b.what = 'name refund_to_see_to')
            """,
        ),
        ViolationQuery(
            "paid twice, and in no operator's list",
            """
            SELECT l.tenant, l.stream_id AS order_id, json_extract(l.body, '$.refund_id') AS refund_id,
                   json_extract(l.body, '$.amount') AS amount, json_extract(l.body, '$.currency') AS currency
            FROM log l WHERE l.type = 'order.refund_paid_twice'
            AND NOT EXISTS (
                SELECT 1 FROM log r WHERE r.stream_id = l.stream_id AND r.version > l.version
                AND r.type = 'order.refund_resolved' AND json_extract(r.body, '$.refund_id') = refund_id)
            AND NOT EXISTS (
                SELECT 1 FROM belonging b WHERE b.subject = l.stream_id AND b.what = 'name refund_to_see_to')
            """,
        ),
    ),
)

O4 = Check(
    "O4",
    "No charge exceeds the total shown or agreed, or is for another destination.",
    "SELECT count(*) FROM log WHERE type = 'cart.locked'",
    (
        ViolationQuery(
            "locked for more than the cart had shown",
            """
            SELECT tenant, stream_id AS cart_id, checkout_id, json_extract(body, '$.shown') AS shown,
                   json_extract(body, '$.sale.totals.total') AS total
            FROM log WHERE type = 'cart.locked'
            AND json_extract(body, '$.shown') < json_extract(body, '$.sale.totals.total')
            """,
        ),
        ViolationQuery(
            "ordered for another place or other amounts than the cart was locked for",
            """
            WITH sale AS (
                SELECT l.checkout_id, l.type, json_extract(l.body, '$.sale.totals.total') AS total,
                       json_extract(l.body, '$.sale.destination') AS place, (
                    SELECT json_group_array(json_array(
                        json_extract(e.value, '$.line_id'), json_extract(e.value, '$.product_id'),
                        json_extract(e.value, '$.quantity'), json_extract(e.value, '$.unit_price'),
                        json_extract(e.value, '$.discount'), json_extract(e.value, '$.tax')))
                    FROM json_each(l.body, '$.sale.lines') e) AS lines
                FROM log l WHERE l.type IN ('cart.locked', 'order.created')
            )
            SELECT o.tenant, o.order_id, o.checkout_id, o.total, c.total AS locked_for,
                   s.place AS ordered_to, c.place AS locked_to, s.lines AS ordered, c.lines AS locked
            FROM orders o JOIN sale s ON s.checkout_id = o.checkout_id AND s.type = 'order.created'
            JOIN sale c ON c.checkout_id = o.checkout_id AND c.type = 'cart.locked'
            WHERE o.total <> c.total OR s.place IS NOT c.place OR s.lines <> c.lines
            """,
        ),
        ViolationQuery(
            "ordered for more than was agreed to, or for another place than was named",
            """
            SELECT o.tenant, o.order_id, o.checkout_id, o.total, o.currency,
                   json_extract(s.body, '$.expected_total') AS agreed,
                   json_extract(s.body, '$.destination') AS named_place,
                   json_extract(l.body, '$.sale.destination') AS ordered_to
            FROM orders o
            JOIN log s ON s.stream_id = o.checkout_id AND s.type = 'checkout.started'
            JOIN log l ON l.stream_id = o.order_id AND l.type = 'order.created'
            WHERE json_extract(agreed, '$.amount') < o.total
               OR json_extract(agreed, '$.currency') <> o.currency
               OR (named_place IS NOT NULL AND named_place IS NOT ordered_to)
            """,
        ),
    ),
)

O5 = Check(
    "O5",
    "An upsell after a purchase is sold as it was proposed, and once.",
    "SELECT count(*) FROM log WHERE type = 'upsell.proposed'",
    (
        ViolationQuery(
            "sold for other amounts than it was proposed for, or never proposed",
            """
            WITH proposal AS (
                SELECT p.tenant, o.order_id, json_extract(e.value, '$.upsell_id') AS upsell_id,
                       json_extract(e.value, '$.sale') AS sale
                FROM log p JOIN orders o ON o.checkout_id = p.checkout_id AND o.tenant = p.tenant,
                     json_each(p.body, '$.upsells') e
                WHERE p.type = 'upsell.proposed'
            )
            SELECT s.tenant, s.stream_id AS order_id, json_extract(s.body, '$.origin') AS origin
            FROM log s WHERE s.type = 'order.created' AND json_extract(s.body, '$.origin') IS NOT NULL
            AND NOT EXISTS (
                SELECT 1 FROM proposal p WHERE p.tenant = s.tenant
                AND p.order_id = json_extract(s.body, '$.origin.order_id')
                AND p.upsell_id = json_extract(s.body, '$.origin.upsell_id')
                AND p.sale = json_extract(s.body, '$.sale'))
            """,
        ),
        ViolationQuery(
            "bought by several checkouts",
            """
            SELECT s.tenant, json_extract(s.body, '$.origin.order_id') AS order_id,
                   json_extract(s.body, '$.origin.upsell_id') AS upsell_id, count(*) AS checkouts
            FROM log s JOIN checkout k ON k.checkout_id = s.stream_id
            WHERE s.type = 'checkout.started' AND json_extract(s.body, '$.origin') IS NOT NULL
            AND k.ended = 'completed'
            GROUP BY s.tenant, order_id, upsell_id HAVING checkouts > 1
            """,
        ),
    ),
)

CHECKS = (O1, O2, O3, O4, O5)
