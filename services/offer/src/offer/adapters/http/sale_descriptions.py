"""What the names in a quote mean, each with an example."""

from collections.abc import Mapping
from types import MappingProxyType

from kernel.http.descriptions import Word, euros

_PRODUCT = "019a2b3c-0002-7000-8000-000000000002"


WORDS: Mapping[str, Word] = MappingProxyType(
    {
        "QuoteBody": Word(
            "What is to be priced.",
            {
                "currency": "EUR",
                "lines": [{"product_id": _PRODUCT, "quantity": 2}],
                "codes": ["SPRING"],
                "destination": {"country": "PT"},
            },
        ),
        "QuoteBody.lines": Word("What is wanted."),
        "LineBody": Word("So many of one product."),
        "quantity": Word("How many.", 2),
        "codes": Word("Discount codes that are tried.", ["SPRING"]),
        "customer": Word("Who is buying, as far as it counts for the price."),
        "CustomerBody": Word("Who is buying, as far as it counts for the price."),
        "id": Word("The customer, for promotions with a limit per customer.", "customer-42"),
        "CustomerBody.segment": Word("The customer's segment, for prices. Not built yet.", None),
        "destination": Word("Where it goes: tax depends on it."),
        "DestinationBody": Word("Where it goes."),
        "at": Word(
            "The moment whose prices and promotions count; now, if it is not named.", "2026-03-01T12:00:00Z"
        ),
        "QuoteView": Word("What a sale would cost, and why."),
        "lines": Word("What is wanted, with its prices."),
        "LineView": Word("So many of one product, with its price."),
        "line_id": Word("The line.", "1"),
        "unit_price": Word("What one costs.", euros(1000)),
        "discount": Word("What is taken off.", euros(200)),
        "tax": Word("The tax that is in the total.", euros(337)),
        "LineView.total": Word("What is to be paid for the line: after discount, with tax.", euros(1800)),
        "discounts": Word("What is taken off, by promotion."),
        "DiscountView": Word("What one promotion takes off."),
        "DiscountView.amount": Word("What it takes off in all.", euros(200)),
        "allocation": Word("By line, its share of the amount.", {"1": euros(200)}),
        "rejected": Word("Codes and promotions that were tried and do not count."),
        "RejectionView": Word("A promotion that does not count, and why."),
        "RejectionView.code": Word("The code as it was asked for; null for one that needs none.", "WINTER"),
        "RejectionView.reason": Word("Why it does not count.", "expired"),
        "totals": Word("The sums over all lines."),
        "TotalsView": Word("The sums over a sale."),
        "subtotal": Word("All lines before discount.", euros(2000)),
        "shipping": Word("What shipping costs.", euros(0)),
        "total": Word("What is to be paid.", euros(1800)),
        "digest": Word("The same for the same amounts.", "5f2c9a"),
        "derivation": Word("How the total came about."),
        "DerivationView": Word("An amount, how it came about, and the amounts that it is made of."),
        "DerivationView.name": Word("What the amount is.", "total"),
        "DerivationView.amount": Word("The amount.", euros(1800)),
        "how": Word("How it came about.", "sum of the lines"),
        "children": Word("The amounts that it is made of.", []),
    }
)
