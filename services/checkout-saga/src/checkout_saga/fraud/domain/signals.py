"""What is noted of payments, by what it is recognised again, and what a rule may ask of it."""

from __future__ import annotations

INSTRUMENT, CUSTOMER, ADDRESS, DEVICE = "instrument", "customer", "address", "device"
DIMENSIONS = (INSTRUMENT, CUSTOMER, ADDRESS, DEVICE)
"""What a payment is recognised by; each has a value, which is a pseudonym."""

ATTEMPT, DECLINE, PAID = "attempt", "decline", "paid"
EMAIL_MISMATCH = "email_mismatch"
"""The request names a customer, and another one has its e-mail address."""
NOTED = (ATTEMPT, DECLINE, PAID, EMAIL_MISMATCH)
"""The signals that are noted of payments, each under every dimension of its payment."""
TAMPERING = "tampering"
"""A request to buy names a price of its own; it is refused before anything is known but its address."""

INSTRUMENTS = "instruments"
"""How many different instruments were tried."""
COUNTED = (*NOTED, TAMPERING, INSTRUMENTS)
AMOUNT = "amount"
"""Nothing is counted: such a rule holds if its condition does."""
SIGNALS = (*COUNTED, AMOUNT)
