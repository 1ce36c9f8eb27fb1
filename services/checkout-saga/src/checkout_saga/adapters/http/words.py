"""What the names in the checkout's interface mean, each with an example."""

from collections.abc import Mapping
from types import MappingProxyType

from kernel.http.words import Word

DESCRIPTION = "Checkouts, from the cart to the order that is paid for, and what becomes of orders afterwards."

_CART = "019a2b3c-0000-7000-8000-000000000001"
_ORDER = "019a2b3c-0005-7000-8000-000000000001"
_LINE = "019a2b3c-0001-7000-8000-000000000001"
_ADDRESS = {"line1": "Rua Augusta 1", "postal_code": "1100-053", "city": "Lisboa", "country": "PT"}


def _money(amount: int) -> dict[str, object]:
    return {"amount": amount, "currency": "EUR"}


WORDS: Mapping[str, Word] = MappingProxyType(
    {
        "NewCheckout": Word(
            "What a checkout begins with.",
            {
                "cart_id": _CART,
                "customer": {"email": "ana@example.com", "name": "Ana"},
                "payment": {"method": "card", "token": "tok_ok"},
                "shipping_address": _ADDRESS,
            },
        ),
        "customer": Word("Who is buying."),
        "Customer": Word("Who is buying. It is stored encrypted under a key of the customer's own."),
        "email": Word("The customer's e-mail address.", "ana@example.com"),
        "Customer.name": Word("The customer's name.", "Ana"),
        "id": Word("The shop's own name of the customer; null for a guest.", "customer-42"),
        "payment": Word("How it is paid for."),
        "PaymentChoice": Word("How it is paid for."),
        "gateway": Word("The payment provider.", "simulated"),
        "method": Word("The method of payment.", "card"),
        "token": Word("The provider's token for the means of payment; never a card number.", "tok_ok"),
        "expected_total": Word(
            "The most that is agreed to: where the cart costs more, the checkout is refused.", _money(1800)
        ),
        "ExpectedTotal": Word("An amount that is agreed to."),
        "destination": Word("Where the goods go: prices and taxes are those of this place."),
        "DestinationView": Word("A country and its region."),
        "billing_address": Word("Where the invoice goes.", _ADDRESS),
        "shipping_address": Word("Where the goods go.", _ADDRESS),
        "Address": Word("A postal address. It is stored encrypted under a key of the customer's own."),
        "Address.name": Word("Who receives it there.", "Ana"),
        "line1": Word("Street and number.", "Rua Augusta 1"),
        "line2": Word("What else the address needs.", None),
        "postal_code": Word("The postal code.", "1100-053"),
        "city": Word("The city.", "Lisboa"),
        "region": Word("The region or state.", None),
        "country": Word("The country by ISO 3166.", "PT"),
        "CheckoutView": Word("A checkout as it stands."),
        "checkout_id": Word("The checkout.", "019a2b3c-0004-7000-8000-000000000001"),
        "cart_id": Word("The cart that is bought.", _CART),
        "customer_id": Word("The customer; a guest's is made of the e-mail address.", "customer-42"),
        "CheckoutView.status": Word(
            "processing, requires_action, compensating or needs_operator; at its end completed or failed.",
            "completed",
        ),
        "CheckoutView.phase": Word("The step at hand.", "complete"),
        "steps": Word("All steps in their order."),
        "StepView": Word("One step of a checkout."),
        "StepView.name": Word("The step.", "lock_cart"),
        "StepView.status": Word("pending, running, completed, failed or compensated.", "completed"),
        "StepView.started_at": Word("When it was begun.", "2026-03-01T12:00:00Z"),
        "finished_at": Word("When it ended.", "2026-03-01T12:00:00Z"),
        "data": Word("What came of it; it differs from step to step.", {"totals": {"total": _money(1800)}}),
        "compensation": Word("How far it has been taken back; null: not at all.", None),
        "action_url": Word("Where the customer has to go, if the payment asks for it.", None),
        "order_id": Word("The order.", _ORDER),
        "failure": Word("Why it failed: code, phase and detail; null unless it did.", None),
        "CheckoutView.expires_at": Word(
            "When it is given up, unless money has been taken.", "2026-03-01T12:30:00Z"
        ),
        "get_checkout.wait_ms": Word("How long to wait at most until nothing is under way.", 2000),
        "OrderView": Word("An order with its payments and refunds."),
        "number": Word("The order's number, as people say it.", "F-2026-000042"),
        "OrderView.status": Word(
            "created, paid, fulfilled, partially_fulfilled, partially_refunded, refunded or cancelled.",
            "paid",
        ),
        "lines": Word("What was sold."),
        "LineView": Word("What was sold of one product, and for how much."),
        "line_id": Word("The line.", _LINE),
        "product_id": Word("The product.", "019a2b3c-0002-7000-8000-000000000002"),
        "sku": Word("The product's number at the time.", "MUG-1"),
        "LineView.name": Word("The product's name at the time.", "Mug"),
        "quantity": Word("How many.", 2),
        "unit_price": Word("What one cost.", _money(1000)),
        "discount": Word("What was taken off.", _money(200)),
        "tax": Word("The tax that is in the total.", _money(0)),
        "LineView.total": Word("What was paid for the line: after discount, with tax.", _money(1800)),
        "units_left": Word("How many units have not been given back.", 2),
        "LineView.refundable": Word("What can still be given back of it.", _money(1800)),
        "OrderView.refundable": Word("What can still be given back in all.", _money(1800)),
        "discounts": Word("What was taken off, by promotion."),
        "DiscountView": Word("What one promotion took off."),
        "DiscountView.amount": Word("What it took off in all.", _money(200)),
        "code": Word("The discount code; null for a promotion that applied by itself.", "SPRING"),
        "kind": Word("What kind of promotion it is.", "percentage"),
        "totals": Word("The sums over all lines."),
        "TotalsView": Word("The sums over what is bought."),
        "subtotal": Word("All lines before discount.", _money(2000)),
        "shipping": Word("What shipping cost.", _money(0)),
        "total": Word("What was to be paid.", _money(1800)),
        "payments": Word("How it was paid for; none for a free order."),
        "PaymentView": Word("A payment, and how far it has come."),
        "payment_id": Word("The payment.", "019a2b3c-0006-7000-8000-000000000001"),
        "PaymentView.status": Word("Where it stands.", "captured"),
        "authorized": Word("What is held.", _money(1800)),
        "captured": Word("What was taken.", _money(1800)),
        "refunded": Word("What was given back.", _money(0)),
        "refunds": Word("What was given back, or is being given back."),
        "RefundView": Word("An amount that was given back, or is being given back."),
        "refund_id": Word("The refund.", "019a2b3c-0007-7000-8000-000000000001"),
        "RefundView.status": Word("requested, needs_operator, refunded or failed.", "requested"),
        "RefundView.code": Word("Why it was refused, or that its outcome is unknown.", None),
        "AttentionView": Word("Something that does not end without an operator."),
        "AttentionView.kind": Word("What it is.", "refund"),
        "AttentionView.id": Word("The refund.", "019a2b3c-0007-7000-8000-000000000001"),
        "since": Word("Since when.", "2026-03-01T12:00:00Z"),
        "AttentionView.code": Word("What is in the way.", "PAYMENT_OUTCOME_UNKNOWN"),
        "AttentionView.detail": Word("The same in a sentence.", ""),
        "tries": Word("How often it had been asked for by then.", 8),
        "actions": Word("What can be done about it.", ["retry", "resolve"]),
        "list_attention.kind": Word("Only what is of this kind.", "refund"),
        "RefundView.amount": Word("How much.", _money(500)),
        "created_at": Word("When the order was made.", "2026-03-01T12:00:00Z"),
        "NewRefund": Word(
            "An amount, or units of lines; neither: all that is left.",
            {"lines": [{"line_id": _LINE, "quantity": 1}], "reason": "broken"},
        ),
        "NewRefund.amount": Word("How much, in minor units of the order's currency.", 500),
        "NewRefund.lines": Word("Which units of which lines, or how much of them."),
        "RefundOfLine.amount": Word("How much of it, in minor units of the order's currency.", None),
        "NewRefund.shipping": Word("How much of the shipping; true: all that is left of it.", None),
        "RefundOfShipping": Word("An amount of the shipping."),
        "RefundOfShipping.amount": Word("How much of it, in minor units of the order's currency.", 100),
        "Cancellation": Word("Why an order is called off."),
        "GivingUp": Word("Why everything is taken back."),
        "refund": Word("Whether what has been captured may be given back.", False),
        "Resolution": Word("How a payment operation ended."),
        "outcome": Word("done: the money has moved; not_done: it has not.", "done"),
        "reference": Word("The provider's own id of the operation.", "ch_4711"),
        "OperatorsReason": Word("Why an operator does it."),
        "list_sagas.status": Word("Only those with this status.", "needs_operator"),
        "Health": Word("Whether checkouts come to their end."),
        "Health.status": Word("healthy, degraded or unhealthy.", "healthy"),
        "checks": Word(
            "What was looked at.",
            {"stuck_checkouts": {"status": "healthy", "count": 0, "message": "No checkout is stuck."}},
        ),
        "Check": Word("One thing that was looked at."),
        "Check.status": Word("healthy, degraded or unhealthy.", "healthy"),
        "count": Word("How many there are.", 0),
        "message": Word("The same in a sentence.", "No checkout is stuck."),
        "timestamp": Word("When it was looked at.", "2026-03-01T12:00:00Z"),
    }
)
