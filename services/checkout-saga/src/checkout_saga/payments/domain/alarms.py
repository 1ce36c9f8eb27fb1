"""The kinds of alarms that outcomes of payment providers raise, where more than one provider has them."""

REQUEST_REFUSED = "request_refused"
"""The request was not accepted: a fault of the adapter or of the account's settings."""
ACCOUNT_UNHEALTHY = "account_unhealthy"
"""The provider refuses the account's credentials."""
ACCOUNT_MISSING = "account_missing"
"""The shop has no account at the provider, or its credentials cannot be read."""
