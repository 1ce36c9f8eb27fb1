"""Wiring of the simulated provider."""

from __future__ import annotations

from starlette.applications import Starlette

from simulators.paypal.access import Access
from simulators.paypal.certificates import Signer
from simulators.paypal.control_routes import Control
from simulators.paypal.routes import Merchants
from simulators.paypal.settings import PayPalSettings
from simulators.paypal.webhooks import SignedDeliveries
from simulators.provider.faults import Faults
from simulators.provider.ledger import Ledger
from simulators.provider.serving import application


def build(settings: PayPalSettings) -> Starlette:
    ledger = Ledger(settings.ledger)
    access, faults, signer = Access(ledger, settings), Faults(), Signer(ledger)
    deliveries = SignedDeliveries(ledger, signer, settings.base)
    merchants = Merchants(ledger, access, faults, settings.base)
    control = Control(ledger, access, faults, deliveries, signer)
    return application([*merchants.routes(), *control.routes()], deliveries, ledger)
