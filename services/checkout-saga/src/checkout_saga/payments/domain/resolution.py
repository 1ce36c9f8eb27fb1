"""How an operator says that a payment operation ended whose outcome the gateway does not report."""

DONE = "done"
"""The operation happened; the other outcome is not_done."""
MANUAL_REFERENCE = "settled by hand"
"""Recorded if the operator gives no reference of the gateway or the bank."""
