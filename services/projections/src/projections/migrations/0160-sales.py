"""Sales of orders by customer, product, offer and campaign, each with the day since which it is known.

The read model ``products`` has these tables from its version 5 on. Processes of the release before go on with
the table ``products`` until the new ones are built; until then products are answered from a copy of it. Its
days stand for the days since which the figures are known: the rebuild puts the right ones in place.
"""

from yoyo import step

from kernel.projections.tables import NewTable, create_read_model

__depends__ = {"0005-tenants-apart", "0101-read-models"}

CURRENCY = 'text COLLATE "C"'
DAYS = {"day": "date", "known": "date"}
KNOWN = {"known": "The UTC day on which the fact that decided it was recorded."}
PRODUCTS = NewTable(
    "product_sales",
    keys={
        "day": "date",
        "currency": CURRENCY,
        "product_id": "uuid",
        "sku": "text",
        "name": "text",
        "known": "date",
    },
    values={"times_sold": "bigint", "quantity": "bigint", "revenue": "bigint"},
    comments=KNOWN,
)
CUSTOMERS = NewTable(
    "sales",
    keys={"customer_id": CURRENCY, "currency": CURRENCY, **DAYS},
    values=dict.fromkeys(("orders", "units", "gross", "refunded", "discount", "tax", "shipping"), "bigint"),
    indexes={"sales_by_day": "(tenant, day, currency)"},
    comments=KNOWN
    | {
        "orders": "Paid, or free and fulfilled, less those cancelled afterwards.",
        "gross": "The totals of the orders as sold, in minor units. Revenue is this less what was refunded.",
        "refunded": "In minor units, on the day of the refund.",
    },
)
OFFERS = NewTable(
    "offer_sales",
    keys={"offer_id": "uuid", "currency": CURRENCY, **DAYS},
    values=dict.fromkeys(("conversions", "quantity", "revenue", "discount"), "bigint"),
    indexes={"offer_sales_by_day": "(tenant, day)"},
    comments=KNOWN | {"conversions": "Orders with lines of the offer."},
)
CAMPAIGNS = NewTable(
    "campaign_sales",
    keys={"campaign_id": "uuid", "currency": CURRENCY, **DAYS},
    values=dict.fromkeys(("orders", "revenue", "discount"), "bigint"),
    indexes={"campaign_sales_by_day": "(tenant, day)"},
    comments=KNOWN | {"discount": "What the campaign's prices cost it."},
)
COPY = """
    INSERT INTO product_sales
           (tenant, day, currency, product_id, sku, name, known, times_sold, quantity, revenue)
    SELECT tenant, day, currency, product_id, sku, name, day, times_sold, quantity, revenue FROM products
"""
step(lambda connection: create_read_model(connection, PRODUCTS, CUSTOMERS, OFFERS, CAMPAIGNS, folding=False))
# forced row-level security applies to the table's owner, too, who has no policy
step(
    f"""
    ALTER TABLE products NO FORCE ROW LEVEL SECURITY;
    ALTER TABLE product_sales NO FORCE ROW LEVEL SECURITY;
    {COPY};
    ALTER TABLE product_sales FORCE ROW LEVEL SECURITY;
    ALTER TABLE products FORCE ROW LEVEL SECURITY
    """
)
