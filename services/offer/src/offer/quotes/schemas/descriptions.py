"""The descriptions and examples of the names in a quote."""

from collections.abc import Mapping
from types import MappingProxyType

from kernel.http.descriptions import Word, euros

_PRODUCT = "019a2b3c-0002-7000-8000-000000000002"


FIELD_DESCRIPTIONS: Mapping[str, Word] = MappingProxyType(
    {
        "QuoteBody": Word(
            "A sale to be priced.",
            {
                "currency": "EUR",
                "lines": [{"product_id": _PRODUCT, "quantity": 2}],
                "codes": ["SPRING"],
                "destination": {"country": "PT"},
            },
        ),
        "QuoteBody.lines": Word("The products and their quantities."),
        "LineBody": Word("A product and its quantity."),
        "quantity": Word("The number of units.", 2),
        "codes": Word("The discount codes to try.", ["SPRING"]),
        "customer": Word("The customer, as far as prices and promotions depend on it."),
        "CustomerBody": Word("The customer, as far as prices and promotions depend on it."),
        "id": Word("The customer's id, for promotions with a limit per customer.", "customer-42"),
        "CustomerBody.segment": Word("The customer's segment, for prices. Not supported yet.", None),
        "destination": Word("The destination of the goods; tax depends on it."),
        "DestinationBody": Word("The destination of the goods."),
        "at": Word("The time for which promotions are evaluated; default: now.", "2026-03-01T12:00:00Z"),
        "QuoteView": Word("The price of a sale, with its derivation."),
        "lines": Word("The lines with their prices."),
        "LineView": Word("A product, its quantity and its price."),
        "line_id": Word("The id of the line.", "1"),
        "unit_price": Word("The price of one unit.", euros(1000)),
        "discount": Word("The discount.", euros(200)),
        "tax": Word("The tax in the total.", euros(337)),
        "LineView.total": Word("The amount to pay for the line: after discount, with tax.", euros(1800)),
        "discounts": Word("The discounts by promotion."),
        "DiscountView": Word("The discount of one promotion."),
        "DiscountView.amount": Word("The amount of the discount.", euros(200)),
        "allocation": Word("The share of each line in the amount.", {"1": euros(200)}),
        "rejected": Word("Codes and promotions that were tried and do not apply."),
        "RejectionView": Word("A promotion that does not apply, with the reason."),
        "RejectionView.code": Word(
            "The code as in the request; null for a promotion without a code.", "WINTER"
        ),
        "RejectionView.reason": Word("Why the promotion does not apply.", "expired"),
        "totals": Word("The sums over all lines."),
        "TotalsView": Word("The sums over all lines of a sale."),
        "subtotal": Word("The sum of all lines before discounts.", euros(2000)),
        "shipping": Word("The cost of shipping.", euros(0)),
        "total": Word("The amount to pay.", euros(1800)),
        "digest": Word("A hash of all amounts: equal amounts have equal digests.", "5f2c9a"),
        "derivation": Word("How the total was computed."),
        "DerivationView": Word("An amount, how it was computed, and the amounts that it is made of."),
        "DerivationView.name": Word("The name of the amount.", "total"),
        "DerivationView.amount": Word("The amount.", euros(1800)),
        "how": Word("How the amount was computed.", "sum of the lines"),
        "children": Word("The amounts that it is made of.", []),
    }
)
