"""How long a checkout waits for the first results of its lines."""

from datetime import timedelta

FULFILLMENT_LIMIT = "fulfillment_limit"
"""The kind of the timer at which lines without a result count as pending; its subject is the checkout."""
FIRST_RESULTS_WITHIN = timedelta(seconds=10)
