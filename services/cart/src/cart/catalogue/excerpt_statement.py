"""The one statement that reads everything that prices carts."""

from __future__ import annotations

from typing import Any

from cart.catalogue.domain.excerpt import Wanted
from cart.catalogue.referral_statement import REFERRALS

UUID_PATTERN = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
PARTS = f"""
    wanted_offers AS MATERIALIZED (
        SELECT id, status, data FROM catalogue_entries WHERE tenant = $1 AND kind = 'offer' AND id = ANY($4)
        UNION
        SELECT id, status, data FROM catalogue_entries WHERE tenant = $1 AND kind = 'offer' AND slug = $8
    ), wanted_upsells AS MATERIALIZED (
        SELECT id, offer_id, status, data FROM catalogue_entries
        WHERE tenant = $1 AND kind = 'upsell' AND id = ANY($5)
        UNION
        SELECT e.id, e.offer_id, e.status, e.data
        FROM wanted_offers o JOIN catalogue_entries e ON e.tenant = $1 AND e.offer_id = o.id
        WHERE e.kind = 'upsell' AND e.status = 'active'
    ), named AS MATERIALIZED (
        SELECT unnest($2::uuid[]) AS id
        UNION
        SELECT (component ->> 'product_id')::uuid
        FROM wanted_offers, jsonb_array_elements(data #> '{{details,products}}') AS component
        UNION
        SELECT (data #>> '{{details,product_id}}')::uuid FROM wanted_upsells
    ), sold AS MATERIALIZED (
        SELECT p.product_id, p.status, p.details, p.variant_of
        FROM named n JOIN catalogue_products p ON p.tenant = $1 AND p.product_id = n.id
    ), relatives AS MATERIALIZED (
        SELECT variant_of AS id FROM sold WHERE variant_of IS NOT NULL
        UNION
        SELECT course::uuid FROM sold, jsonb_array_elements_text(details -> 'course_ids') AS course
        WHERE course ~ '{UUID_PATTERN}'
        EXCEPT
        SELECT id FROM named
    ), products AS (
        SELECT product_id, status, details FROM sold
        UNION ALL
        SELECT p.product_id, p.status, p.details
        FROM relatives r JOIN catalogue_products p ON p.tenant = $1 AND p.product_id = r.id
    ), people AS MATERIALIZED (
        SELECT wanted AS customer_id, wanted AS id FROM unnest($6::text[]) AS wanted
        UNION
        SELECT customer_id, guest_id FROM customer_links WHERE tenant = $1 AND customer_id = ANY($6)
        UNION
        SELECT own.guest_id, unnest(ARRAY[l.customer_id, l.guest_id])
        FROM customer_links own JOIN customer_links l ON l.tenant = $1 AND l.customer_id = own.customer_id
        WHERE own.tenant = $1 AND own.guest_id = ANY($6)
    ), bought AS MATERIALIZED (
        SELECT person.customer_id, line.value AS product_id, line.key = ANY(o.fulfilled) AS is_fulfilled
        FROM people person JOIN customer_orders o ON o.tenant = $1 AND o.customer_id = person.id,
             jsonb_each_text(o.lines) AS line
        WHERE o.status = 'paid'
    ), bought_at_all AS (
        SELECT * FROM bought
        UNION
        SELECT b.customer_id, course, b.is_fulfilled
        FROM bought b JOIN catalogue_products p ON p.tenant = $1 AND p.product_id = b.product_id::uuid,
             jsonb_array_elements_text(p.details -> 'course_ids') AS course
    )
    SELECT 'product' AS part, p.product_id AS id, NULL::uuid AS offer_id, NULL AS key, p.status,
           p.details AS data,
           jsonb_build_object('stock', to_jsonb(s), 'has_variants', EXISTS (
               SELECT FROM catalogue_products v
               WHERE v.tenant = $1 AND v.variant_of = p.product_id AND v.status = 'active')) AS more
    FROM products p LEFT JOIN catalogue_stock s ON s.tenant = $1 AND s.product_id = p.product_id
    UNION ALL
    SELECT 'promotion', promotion_id, NULL, code, CASE WHEN disabled THEN 'disabled' END, terms,
           jsonb_build_object('uses', uses, 'redeemed', redeemed)
    FROM catalogue_promotions
    WHERE tenant = $1 AND (code IS NULL AND NOT disabled OR promotion_id = ANY($3) OR code = ANY($7))
    UNION ALL
    SELECT 'tax_rate', tax_rate_id, NULL, NULL, NULL, rate, NULL FROM catalogue_tax_rates WHERE tenant = $1
    UNION ALL
    SELECT 'offer', id, NULL, NULL, status, data, NULL FROM wanted_offers
    UNION ALL
    SELECT 'upsell', id, offer_id, NULL, status, data, NULL FROM wanted_upsells
    UNION ALL
    SELECT e.kind, e.id, e.offer_id, NULL, e.status, e.data, NULL
    FROM wanted_offers o JOIN catalogue_entries e ON e.tenant = $1 AND e.offer_id = o.id
    WHERE e.kind = 'funnel_step' AND e.status = 'active'
       OR e.kind = 'experiment' AND e.status IN ('running', 'stopped')
    UNION ALL
    SELECT kind, id, NULL, NULL, status, data, NULL FROM catalogue_entries
    WHERE tenant = $1 AND (kind IN ('shipping_rate', 'pricing_policy') AND status = 'active'
        OR kind = 'campaign' AND (status = 'active' OR data #> '{{details,promotion_ids,0}}' IS NOT NULL))
    UNION ALL
    SELECT 'customer', NULL, NULL, wanted.customer_id, NULL, jsonb_build_object(
        'linked', (SELECT jsonb_agg(person.id) FROM people person
            WHERE person.customer_id = wanted.customer_id AND person.id <> wanted.customer_id),
        'segments', c.segments, 'qualifications', c.qualifications, 'email_verified', c.email_verified,
        'spent', (SELECT jsonb_agg(jsonb_build_array(currency, orders, total)) FROM (
            SELECT o.currency, count(*) AS orders, sum(o.total) AS total
            FROM people person JOIN customer_orders o ON o.tenant = $1 AND o.customer_id = person.id
            WHERE person.customer_id = wanted.customer_id AND o.status = 'paid'
            GROUP BY o.currency) AS spent),
        'bought', (SELECT jsonb_object_agg(product_id, is_fulfilled) FROM (
            SELECT product_id, bool_or(is_fulfilled) AS is_fulfilled FROM bought_at_all b
            WHERE b.customer_id = wanted.customer_id GROUP BY product_id) AS bought),
        'uses', (SELECT jsonb_object_agg(promotion_id, uses) FROM (
            SELECT u.promotion_id, sum(u.uses) AS uses
            FROM people person JOIN catalogue_promotion_uses u ON u.tenant = $1 AND u.customer_id = person.id
            WHERE person.customer_id = wanted.customer_id GROUP BY u.promotion_id) AS used),
        'abandoned', (SELECT jsonb_agg(a.cart_id)
            FROM people person JOIN abandoned_carts a ON a.tenant = $1 AND a.customer_id = person.id
            WHERE person.customer_id = wanted.customer_id)), NULL
    FROM unnest($6::text[]) AS wanted (customer_id)
    LEFT JOIN customers c ON c.tenant = $1 AND c.customer_id = wanted.customer_id
    UNION ALL
    {REFERRALS}
"""  # noqa: S608  # a constant
SELECT_EXCERPT = f"WITH {PARTS}"
COLUMNS = {
    "catalogue_products": "tenant, product_id, status, details, variant_of",
    "catalogue_promotions": "tenant, promotion_id, code, disabled, uses, redeemed, terms",
    "catalogue_tax_rates": "tenant, tax_rate_id, rate",
    "catalogue_entries": "tenant, kind, id, offer_id, status, slug, data",
    "catalogue_stock": "tenant, product_id, on_hand, reserved, allow_backorders",
    "catalogue_promotion_uses": "tenant, customer_id, promotion_id, uses",
    "catalogue_referrals": "tenant, kind, id, program_id, subject, data",
    "catalogue_referral_uses": "tenant, rule_id, scope, person, uses, redeemed_at",
    "customers": "tenant, customer_id, segments, qualifications, email_verified",
    "customer_links": "tenant, customer_id, guest_id",
    "customer_orders": "tenant, order_id, customer_id, status, currency, total, lines, fulfilled",
}
"""Of the tables of the copy, what the statement reads."""
TABLES_AS_OF = ", ".join(
    f"""
    {table} AS NOT MATERIALIZED (
        SELECT {columns} FROM {table} WHERE tenant = $1 AND valid_from <= $9
        UNION ALL
        SELECT {columns} FROM {table}_history WHERE tenant = $1 AND valid_from <= $9 AND valid_to > $9
    )"""  # noqa: S608  # our own names
    for table, columns in COLUMNS.items()
)
"""Each takes the place of the table of its name, with the rows that were valid at a moment."""
SELECT_EXCERPT_AS_OF = f"WITH {TABLES_AS_OF}, {PARTS}"
SELECT_PUBLISHED = """
    SELECT id FROM catalogue_entries
    WHERE tenant = $1 AND kind = 'offer' AND status = 'published' AND data #>> '{details,type}' = $2
    ORDER BY id LIMIT 300
"""


def arguments(wanted: Wanted) -> tuple[Any, ...]:
    """Those of the statement, behind the tenant."""
    return (
        *(list(wanted.products), list(wanted.promotions), list(wanted.offers), list(wanted.upsells)),
        *(list(wanted.customers), list(wanted.codes), wanted.slug),
    )
