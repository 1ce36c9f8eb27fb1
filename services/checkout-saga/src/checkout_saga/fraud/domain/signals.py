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
"""A request to buy, or one about an item of a cart, names a price of its own."""
BAD_CODE = "bad_code"
"""A cart refuses a discount code that does not apply."""
OF_ADDRESSES = (TAMPERING, BAD_CODE)
"""The signals of requests that are refused before anything is known but their address."""

INSTRUMENTS = "instruments"
"""How many different instruments were tried."""
COUNTED = (*NOTED, *OF_ADDRESSES, INSTRUMENTS)
AMOUNT = "amount"
"""Nothing is counted: such a rule holds if its condition does."""
SIGNALS = (*COUNTED, AMOUNT)
