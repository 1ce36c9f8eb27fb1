"""Payment methods, and the behaviour that each of them selects. The first ones are named as Stripe's own."""

from __future__ import annotations

OK = "pm_card_visa"
DECLINED = "pm_card_visa_chargeDeclined"
INSUFFICIENT_FUNDS = "pm_card_visa_chargeDeclinedInsufficientFunds"
ACTION = "pm_card_authenticationRequired"
CAPTURE_FAILS = "pm_sim_capture_fails"
REFUND_FAILS = "pm_sim_refund_fails"
REFUND_PENDING = "pm_sim_refund_pending"
TIMEOUT = "pm_sim_timeout"
"""The charge is executed and not answered."""
DOWN = "pm_sim_down"
"""Neither this request nor any other is executed or answered for some seconds."""

DECLINES = {DECLINED: "generic_decline", INSUFFICIENT_FUNDS: "insufficient_funds"}
