"""Wiring of the simulated provider."""

from __future__ import annotations

from starlette.applications import Starlette

from simulators.provider.faults import Faults
from simulators.provider.ledger import Ledger
from simulators.provider.serving import application
from simulators.stripe.control_routes import Control
from simulators.stripe.routes import Accounts
from simulators.stripe.settings import StripeSettings
from simulators.stripe.webhooks import SignedDeliveries


def build(settings: StripeSettings) -> Starlette:
    ledger, faults = Ledger(settings.ledger), Faults()
    deliveries = SignedDeliveries(ledger)
    accounts, control = Accounts(ledger, faults, settings), Control(ledger, faults, deliveries)
    return application([*accounts.routes(), *control.routes()], deliveries, ledger)
