"""The names in the interface of checkouts, each with a description and an example."""

from collections.abc import Mapping
from types import MappingProxyType

from kernel.http.descriptions import Word, euros

API_DESCRIPTION = "Checkouts, from the cart to the paid order, and refunds and cancellations of orders."
_CART = "019a2b3c-0000-7000-8000-000000000001"
_LINE = "019a2b3c-0001-7000-8000-000000000001"
_ORDER = "019a2b3c-0005-7000-8000-000000000001"
_ADDRESS = {"line1": "Rua Augusta 1", "postal_code": "1100-053", "city": "Lisboa", "country": "PT"}

FIELD_DESCRIPTIONS: Mapping[str, Word] = MappingProxyType(
    {
        "NewCheckout": Word(
            "The request that starts a checkout.",
            {
                "cart_id": _CART,
                "customer": {"email": "ana@example.com", "name": "Ana"},
                "payment": {"method": "card", "token": "tok_ok"},
                "shipping_address": _ADDRESS,
            },
        ),
        "customer": Word("The buyer."),
        "Customer": Word("The buyer. Stored encrypted under the customer's own key."),
        "email": Word("The customer's e-mail address.", "ana@example.com"),
        "Customer.name": Word("The customer's name.", "Ana"),
        "id": Word("The shop's own id of the customer; null for a guest.", "customer-42"),
        "Customer.phone": Word("The telephone number by E.164.", "+351912345678"),
        "Customer.locale": Word("The customer's language, also with the country.", "pt-BR"),
        "Customer.tax_id": Word(
            "The customer's tax number, where an invoice needs it.",
            {"type": "br_cpf", "value": "529.982.247-25"},
        ),
        "payment": Word("The payment method and its token."),
        "PaymentChoice": Word("The payment method and its token."),
        "method": Word("The payment method.", "card"),
        "token": Word("The provider's token for the payment method; never a card number.", "tok_ok"),
        "PaymentWay": Word("A way to pay."),
        "NextPayment": Word("Another way to pay.", {"method": "card", "token": "tok_ok"}),
        "device_id": Word("The shop's id of the customer's device; kept as a pseudonym alone.", "d-4711"),
        "instalments": Word("Handed to the provider as it is; it does not change the amount.", {"count": 3}),
        "max_attempts": Word("How often the customer may try to pay.", 3),
        "save": Word("Whether the provider keeps what the token stands for.", False),
        "return_url": Word("Where the provider's page leads back to.", "https://shop.example/back"),
        "expected_total": Word(
            "The highest total that the caller accepts: if the cart costs more, the checkout is refused.",
            euros(1800),
        ),
        "ExpectedTotal": Word("An amount that the caller accepts."),
        "destination": Word("Where the goods go: prices and taxes are those of this place."),
        "billing_address": Word("Where the invoice goes.", _ADDRESS),
        "shipping_address": Word("Where the goods go.", _ADDRESS),
        "Address": Word(
            "A postal address, by the rules of its country. Stored encrypted under the customer's own key."
        ),
        "Address.name": Word("The recipient's name.", "Ana"),
        "line1": Word("Street and number.", "Rua Augusta 1"),
        "line2": Word("A second line of the address.", None),
        "postal_code": Word("The postal code.", "1100-053"),
        "city": Word("The city.", "Lisboa"),
        "district": Word("The district or neighbourhood.", None),
        "region": Word("The region or state: its code or its local name.", None),
        "country": Word("The country by ISO 3166.", "PT"),
        "gifts": Word(
            "Who gets the gift seats of team licences.",
            [{"line_id": _LINE, "recipients": [{"email": "bo@example.com", "name": "Bo"}]}],
        ),
        "GiftsOfLine": Word("Who gets gift seats of a line."),
        "line_id": Word("The line.", _LINE),
        "recipients": Word("One for each seat; those that are still open may be named later."),
        "Recipient": Word("Who gets a seat. Stored encrypted under the buyer's own key."),
        "Recipient.email": Word("The recipient's e-mail address.", "bo@example.com"),
        "Recipient.name": Word("The recipient's name.", "Bo"),
        "CheckoutView": Word("A checkout in its present state."),
        "checkout_id": Word("The checkout.", "019a2b3c-0004-7000-8000-000000000001"),
        "cart_id": Word(
            "The cart that is bought; of an upsell after a purchase, that of the purchase.", _CART
        ),
        "customer_id": Word("The customer; a guest's id is derived from the e-mail address.", "customer-42"),
        "CheckoutView.status": Word(
            "processing, requires_action, compensating or needs_operator; at the end completed or failed.",
            "completed",
        ),
        "CheckoutView.phase": Word("The current step.", "complete"),
        "steps": Word("All steps in their order."),
        "StepView": Word("One step of a checkout."),
        "StepView.name": Word("The step.", "lock_cart"),
        "StepView.status": Word("pending, started, completed or failed.", "completed"),
        "StepView.started_at": Word("When it was started.", "2026-03-01T12:00:00Z"),
        "finished_at": Word("When it ended.", "2026-03-01T12:00:00Z"),
        "data": Word(
            "The data of the step; its fields differ from step to step.", {"totals": {"total": euros(1800)}}
        ),
        "compensation": Word("The state of its compensation: started or completed; null: none.", None),
        "action_url": Word(
            "Where the customer has to act, if the payment requires it; otherwise null.", None
        ),
        "action": Word("What the customer is asked for; null: nothing.", None),
        "ActionView": Word("What the customer is asked for."),
        "ActionView.kind": Word(
            "redirect, sdk, pix or boleto; new_payment_method: pay in another way.", "redirect"
        ),
        "url": Word("Where the customer goes.", "https://simulated-gateway.example/actions/4711"),
        "ActionView.data": Word(
            "What the customer's browser or bank needs; only GET shows it.", {"code": "00020126"}
        ),
        "until": Word("Until when.", "2026-03-01T12:15:00Z"),
        "attempts_left": Word("How often the customer may still try.", 2),
        "waiting_for": Word("What the checkout waits for; null: nothing.", None),
        "WaitingView": Word("What a checkout waits for."),
        "WaitingView.kind": Word(
            "customer_action, payment, new_payment_method or provider.", "customer_action"
        ),
        "since": Word("Since when.", "2026-03-01T12:00:00Z"),
        "attempts": Word("The attempts to pay, in their order."),
        "AttemptView": Word("An attempt to pay."),
        "attempt": Word("Its number, from 1.", 1),
        "payment_id": Word("The payment.", "019a2b3c-0006-7000-8000-000000000001"),
        "AttemptView.code": Word("Why it was declined; null if it was not.", None),
        "PaymentWay.method": Word("The payment method.", "card"),
        "NextPayment.method": Word("The payment method.", "card"),
        "AttemptView.method": Word("The payment method.", "card"),
        "AttemptView.attempt": Word("Its number, from 1.", 1),
        "order_id": Word("The order.", _ORDER),
        "failure": Word(
            "Why it failed: code, phase, detail and further data; null if it has not failed.", None
        ),
        "workflow_version": Word("The version of the workflow that it follows, whose steps are listed.", 2),
        "CheckoutView.expires_at": Word(
            "When it is compensated, unless its capture has been started.", "2026-03-01T12:30:00Z"
        ),
        "get_checkout.wait_ms": Word("Maximum wait until nothing is under way, in ms.", 2000),
        "GivingUp": Word("Why a checkout is compensated."),
        "refund": Word("Whether a captured payment may be refunded.", False),
        "list_sagas.status": Word("Only those with this status.", "needs_operator"),
        "Health": Word("Whether checkouts reach their end."),
        "Health.status": Word("healthy, degraded or unhealthy.", "healthy"),
        "checks": Word(
            "The checks by name.",
            {"stuck_checkouts": {"status": "healthy", "count": 0, "message": "none"}},
        ),
        "Check": Word("One check."),
        "Check.status": Word("healthy, degraded or unhealthy.", "healthy"),
        "count": Word("How many were found.", 0),
        "message": Word("The same in words.", "none"),
        "open": Word("The checkouts that have not ended.", {"count": 3, "oldest_seconds": 0.4}),
        "OpenCheckouts": Word("The checkouts that have not ended, of all tenants."),
        "OpenCheckouts.count": Word("How many are open.", 3),
        "oldest_seconds": Word("For how many seconds the oldest one has been open.", 0.4),
        "timestamp": Word("When it was checked.", "2026-03-01T12:00:00Z"),
    }
)
