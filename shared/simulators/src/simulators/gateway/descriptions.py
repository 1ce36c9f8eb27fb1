"""What the names in the gateway's interface mean, each with an example."""

from collections.abc import Mapping
from types import MappingProxyType

from kernel.http.descriptions import Word

API_DESCRIPTION = "A payment gateway that moves no money: what it does depends on the payment's token."

FIELD_DESCRIPTIONS: Mapping[str, Word] = MappingProxyType(
    {
        "Authorize": Word("What is to be held."),
        "Confirm": Word("Whose payment it is."),
        "Capture": Word("What is to be taken."),
        "Void": Word("What is to be let go."),
        "Refund": Word("What is to be given back."),
        "merchant": Word("For whom it is done.", "demo"),
        "payment_id": Word("The payment.", "019a2b3c-0006-7000-8000-000000000001"),
        "checkout_id": Word("The checkout that is paid for.", "019a2b3c-0004-7000-8000-000000000001"),
        "token": Word("Decides what happens; never a card number.", "tok_ok"),
        "method": Word("How it is paid: pix or boleto; null: by a card.", None),
        "expires_at": Word("Until when it is to be paid.", "2026-03-01T12:30:00Z"),
        "return_url": Word("Where the customer's page leads back to.", "https://shop.example/back"),
        "Act": Word("What the customer does."),
        "do": Word("approve or decline what waits for it; pay: at a bank.", "pay"),
        "action_kind": Word("pix or boleto; null: a page.", None),
        "action_data": Word("What the customer's bank needs.", None),
        "action_until": Word("Until when it is to be paid.", None),
        "reason": Word("Why it is given back.", "broken"),
        "operation": Word("What was asked for.", "authorize"),
        "status": Word("What came of it.", "authorized"),
        "key": Word("The key that it was asked with.", "019a2b3c:authorize:1"),
        "reference": Word("The gateway's own id of it.", "sim_authorize_4711"),
        "code": Word("Why it was refused.", "PAYMENT_DECLINED"),
        "action_url": Word("Where the customer has to go.", "https://simulated-gateway.example/actions/4711"),
        "at": Word("When it was done.", "2026-03-01T12:00:00Z"),
        "Entry": Word("One line of the ledger."),
        "Held": Word("A movement of money, or an authorization that still holds some."),
        "Held.kind": Word("authorization, capture, refund, fee or dispute.", "capture"),
        "Held.state": Word(
            "open: it holds money, or is not decided; done: money has moved; won, lost: of a dispute.", "done"
        ),
        "detail": Word("Why the customer's bank disputes it.", "fraudulent"),
        "due_at": Word("Until when a dispute may be answered.", None),
        "OpenDispute": Word("What a customer demands back through the bank."),
        "OpenDispute.reason": Word("Why.", "fraudulent"),
        "OpenDispute.amount": Word("Minor units; null: all that is left.", None),
        "CloseDispute": Word("How the bank decides."),
        "outcome": Word("won: the merchant has the money again; lost: the customer keeps it.", "won"),
        "Dispute": Word("What a customer demands back through the bank."),
        "Dispute.status": Word("open, won or lost, by the merchant.", "open"),
        "Dispute.reason": Word("Why.", "fraudulent"),
        "Dispute.due_at": Word("Until when it may be answered.", "2026-03-11T12:00:00Z"),
        "dispute_id": Word("The dispute.", "019a2b3c-0007-7000-8000-000000000001"),
        "opened_at": Word("When it was opened.", "2026-03-01T12:00:00Z"),
        "disputes": Word("Ids of disputes, with commas between them.", ""),
        "HeldPage": Word("A page of what a merchant has here."),
        "entries": Word("In the order of execution."),
        "next": Word("Where the next page begins; null: this is the last one.", None),
        "since": Word("From when on, by the gateway's clock.", "2026-03-01T00:00:00Z"),
        "until": Word("Until before when.", "2026-03-02T00:00:00Z"),
        "after": Word("Where the page begins.", 0),
    }
)
