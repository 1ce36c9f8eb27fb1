"""The names in the interface of orders and refunds, each with a description and an example."""

from collections.abc import Mapping
from types import MappingProxyType

from kernel.http.descriptions import Word, euros

_LINE = "019a2b3c-0001-7000-8000-000000000001"

FIELD_DESCRIPTIONS: Mapping[str, Word] = MappingProxyType(
    {
        "DestinationView": Word("A country and its region."),
        "OrderView": Word("An order with its payments and refunds."),
        "number": Word("The order's number, for people.", "F-7K3M-Q2ND-4XWH"),
        "OrderView.status": Word(
            "created, paid, fulfilled, partially_fulfilled, partially_refunded, refunded or cancelled.",
            "paid",
        ),
        "lines": Word("What was sold."),
        "LineView": Word("What was sold of one product, with its amounts."),
        "line_id": Word("The line.", _LINE),
        "product_id": Word("The product.", "019a2b3c-0002-7000-8000-000000000002"),
        "sku": Word("The product's stock keeping unit at the time.", "MUG-1"),
        "LineView.name": Word("The product's name at the time.", "Mug"),
        "quantity": Word("How many.", 2),
        "unit_price": Word("The price of one unit.", euros(1000)),
        "discount": Word("The discount on the line.", euros(200)),
        "tax": Word("The tax that is in the total.", euros(0)),
        "LineView.total": Word("What was paid for the line: after discount, with tax.", euros(1800)),
        "units": Word("Units of the product in one of the quantity; an offer may hold several.", 1),
        "offer_id": Word("The offer that was sold; null for a product of its own.", None),
        "upsell_id": Word("The upsell by which it was sold; null: none.", None),
        "gift_seats": Word("Seats of a team licence that are for others.", 0),
        "units_left": Word("Units that have not been refunded.", 2),
        "LineView.refundable": Word("What can still be refunded of it.", euros(1800)),
        "OrderView.refundable": Word("What can still be refunded in all.", euros(1800)),
        "discounts": Word("The discounts, by promotion."),
        "DiscountView": Word("The discount of one promotion."),
        "DiscountView.amount": Word("Its discount in all.", euros(200)),
        "referral": Word("Why a referral discount was given; null for every other discount.", None),
        "ReferralView": Word("Why a referral discount was given."),
        "program_id": Word("The referral program.", "019a2b3c-000c-7000-8000-000000000001"),
        "rule_id": Word("The program's rule.", "019a2b3c-000d-7000-8000-000000000001"),
        "attribution_id": Word(
            "The attribution of the customer to the referrer.", "019a2b3c-000e-7000-8000-000000000001"
        ),
        "referrer_id": Word("Who has referred the customer.", "customer-7"),
        "OrderView.shipping": Word("The chosen way of shipping; null if nothing is shipped."),
        "ShippingView": Word("The chosen way of shipping."),
        "option_id": Word("The shipping rate; null: the default.", "019a2b3c-000f-7000-8000-000000000001"),
        "ShippingView.name": Word("Its name.", "Standard"),
        "ShippingView.price": Word("Its price before discount.", euros(490)),
        "ShippingView.discount": Word("The discount on it.", euros(0)),
        "ShippingView.tax": Word("The tax that is in its total.", euros(0)),
        "ShippingView.total": Word("What was paid for it.", euros(490)),
        "ShippingView.refundable": Word("What can still be refunded of it.", euros(490)),
        "code": Word("The discount code; null for a promotion that applied by itself.", "SPRING"),
        "kind": Word("What kind of promotion it is.", "percentage"),
        "totals": Word("The sums over all lines."),
        "TotalsView": Word("The sums over what is bought."),
        "subtotal": Word("All lines before discount.", euros(2000)),
        "shipping": Word("What shipping cost.", euros(0)),
        "total": Word("The total to pay.", euros(1800)),
        "payments": Word("The payments; none for a free order."),
        "PaymentView": Word("A payment with its status and amounts."),
        "payment_id": Word("The payment.", "019a2b3c-0006-7000-8000-000000000001"),
        "PaymentView.status": Word(
            "none, authorized, captured, voided, declined, requires_action, refunded or partially_refunded.",
            "captured",
        ),
        "authorized": Word("The amount authorized.", euros(1800)),
        "captured": Word("The amount captured.", euros(1800)),
        "refunded": Word("The amount refunded.", euros(0)),
        "refunds": Word("The refunds, finished or under way."),
        "RefundView": Word("A refund, finished or under way."),
        "refund_id": Word("The refund.", "019a2b3c-0007-7000-8000-000000000001"),
        "RefundView.status": Word("requested, needs_operator, refunded or failed.", "requested"),
        "RefundView.code": Word(
            "Why it was refused, or PAYMENT_OUTCOME_UNKNOWN, REFUND_PAID_TWICE or NOT_DONE.", None
        ),
        "AttentionView": Word("Something that needs an operator."),
        "AttentionView.kind": Word("Its kind.", "refund"),
        "AttentionView.id": Word("The refund.", "019a2b3c-0007-7000-8000-000000000001"),
        "since": Word("Since when it has needed an operator.", "2026-03-01T12:00:00Z"),
        "AttentionView.code": Word("Why it needs an operator.", "PAYMENT_OUTCOME_UNKNOWN"),
        "AttentionView.detail": Word("The same in a sentence.", ""),
        "tries": Word("The number of tries by then.", 8),
        "actions": Word("The possible actions.", ["retry", "resolve"]),
        "list_attention.kind": Word("Only entries of this kind.", "refund"),
        "RefundView.amount": Word("How much.", euros(500)),
        "created_at": Word("When the order was created.", "2026-03-01T12:00:00Z"),
        "NewRefund": Word(
            "An amount, or parts of the order; neither: all that is left.",
            {"lines": [{"line_id": _LINE, "quantity": 1}], "reason": "broken"},
        ),
        "NewRefund.amount": Word("The amount, in minor units of the order's currency.", 500),
        "NewRefund.lines": Word("Lines to refund, by units or amount."),
        "RefundOfLine.amount": Word("The amount, in minor units of the order's currency.", None),
        "NewRefund.shipping": Word("An amount of the shipping; true: all that is left of it.", None),
        "RefundOfShipping": Word("An amount of the shipping."),
        "RefundOfShipping.amount": Word("The amount, in minor units of the order's currency.", 100),
        "Cancellation": Word("Why an order is cancelled."),
    }
)
