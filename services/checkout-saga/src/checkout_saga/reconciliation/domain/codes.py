"""The codes of differences that follow from no entry of the provider's list: those are in ``judging``."""

from __future__ import annotations

NOT_AT_PROVIDER = "NOT_AT_PROVIDER"
"""The log has it, and the provider does not."""
NOT_GIVEN_BACK = "NOT_GIVEN_BACK"
"""The provider refuses to end an authorization, or to refund money, that no sale accounts for."""
ANSWER_MISMATCH = "ANSWER_MISMATCH"
"""The provider has answered a call with another payment, amount, currency or key than it was asked for."""
WEBHOOK_NOT_MATCHED = "WEBHOOK_NOT_MATCHED"
"""An event about a payment that is not known, also after the account was compared."""
WEBHOOK_UNREADABLE = "WEBHOOK_UNREADABLE"
"""A signed message that is no event as the provider words them."""
WEBHOOKS_REFUSED = "WEBHOOKS_REFUSED"
"""No signature of several webhooks in a row fits the account's secrets."""
CLEARING_NOT_EMPTY = "CLEARING_NOT_EMPTY"
"""Money of a checkout that has ended is still in the ledger's account ``clearing``: it was captured, and
neither was an order paid with it nor was it given back."""
