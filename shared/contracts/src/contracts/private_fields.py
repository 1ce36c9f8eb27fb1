"""The private fields of Feira's logs, beyond those of every log."""

from contracts.data_protection import PrivateFields

PRIVATE_FIELDS = PrivateFields(
    words=frozenset({"card", "customer"}),
    allowed=frozenset({"customer_id"}),
    token_prefixes=("tok_",),
)
"""``tok_`` begins a payment token."""
