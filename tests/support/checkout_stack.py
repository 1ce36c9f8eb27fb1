"""Run the one-machine stack with the checkout service and the simulated gateway alone:
`python -m tests.support.checkout_stack`."""

from __future__ import annotations

from rich.console import Console

from contracts.topology import CHECKOUT, GATEWAY
from devstack import settings
from devstack.report import Report
from devstack.services import SERVICES
from devstack.supervisor import supervise

if __name__ == "__main__":
    wanted = tuple(it for it in SERVICES if it.name in {CHECKOUT.name, GATEWAY.name})
    supervise(settings.read((CHECKOUT.name,)), Report(Console()), fresh=False, services=wanted)
