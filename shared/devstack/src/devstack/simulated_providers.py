"""The simulated payment providers that a stack runs if it is asked to: programs beside the services.

Each has an account that anyone knows, and its books in the state directory.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Mapping
from pathlib import Path

import httpx

from contracts import topology
from devstack import probes
from devstack.program import Program
from devstack.services import url_of
from devstack.state_dir import StateDir

STRIPE, PAYPAL = (name for name, _ in topology.SIMULATED_PROVIDERS)
ACCOUNTS: Mapping[str, Mapping[str, str]] = {
    STRIPE: {"SECRET_KEYS": json.dumps(["sk_test_simulated"])},
    PAYPAL: {"MERCHANTS": json.dumps({"simulated": "the secret of the simulated account"})},
}
"""By provider: the settings of its simulator that name the account's keys."""


def program_of(name: str, port: int, home: StateDir) -> Program:
    settings = {"PORT": str(port), "LEDGER": str(home.path / f"{name}.sqlite"), **ACCOUNTS[name]}
    prefix = f"FEIRA_{name.upper()}_SIMULATOR_"
    return Program(
        name=name,
        command=(sys.executable, "-m", f"simulators.{name}"),
        environment={f"{prefix}{key}": value for key, value in settings.items()},
        url=url_of(port),
        ready=lambda: probes.is_ready(port),
    )


async def connection_settings(
    names: Collection[str], ports: Mapping[str, int], home: StateDir
) -> dict[str, str]:
    """With which the checkout service calls them instead of the providers' own servers. They run."""
    settings = {f"FEIRA_{name.upper()}_URL": url_of(ports[name]) for name in names}
    if PAYPAL in names:
        settings["FEIRA_PAYPAL_CA_FILE"] = str(await _authority(url_of(ports[PAYPAL]), home))
    return settings


async def _authority(url: str, home: StateDir) -> Path:
    """The file with the certificate that the simulator's webhooks end in."""
    async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
        root = (await client.get("/_control/root")).raise_for_status().text
    path = home.path / f"{PAYPAL}-root.pem"
    path.write_text(root)
    return path
