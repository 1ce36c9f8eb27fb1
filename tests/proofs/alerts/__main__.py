"""Provoke each alert on a live stack with a real Prometheus: ``make proof-alerts``, ``FACTOR=``, ``ONLY=``.

The rules run ``FACTOR`` times faster than in production: ``deploy/observability/live/faster.py``. A storm of
purchases without a fault must cause no alert; then each fault must cause those that belong to it.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import time
from pathlib import Path

from contracts.topology import SERVICE_NAMES
from deploy.observability.live.server import prometheus
from deploy.observability.live.targets import targets
from deploy.observability.rule_files import alert_names
from devstack import ports
from tests.proofs.alerts import existence, quick_retries
from tests.proofs.alerts.faults import verified
from tests.proofs.alerts.plan import FAULTS
from tests.proofs.alerts.storm import Storm
from tests.proofs.alerts.world import Expected, Fault, World
from tests.proofs.chaos.quiescence import until_nothing
from tests.proofs.failpoints.arming import Arming
from tests.proofs.verdict import Verdict, number, say
from tests.support.stack import running_stack

SCRAPE_SECONDS = 1.0
QUIET_SECONDS = 40
FIRES_WITHIN = 100.0
CALM_WITHIN = 90.0
LOOK_EVERY = 0.5
WAITING = " or ".join(
    (
        "feira_consumer_lag_seconds > 4",
        "feira_outbox_oldest_unpublished_seconds > 4",
        "feira_gauges_age_seconds > 7",
    )
)
UNIT_TESTED_ONLY = {
    "FeiraBackupStale": "CloudNativePG measures it",
    "FeiraCertificateExpiring": "cert-manager and Strimzi measure it",
}
"""Alert -> why no fault provokes it here."""


class Proof:
    def __init__(self, world: World, verdict: Verdict) -> None:
        self._world = world
        self._verdict = verdict
        self._fired: dict[str, list[str]] = {}
        """Alert -> after which faults it fired, and when."""
        verdict.figures["alerts"] = self._fired

    async def prove(self, faults: tuple[Fault, ...]) -> None:
        complete = len(faults) == len(FAULTS)
        await self._never_verified()
        await self._healthy_storm()
        for fault in faults:
            await self._inject(fault)
        if complete:
            self._exists()
        self._report(complete=complete)

    async def _never_verified(self) -> None:
        """The first alert needs no fault: without any verification the books are unproved."""
        began = time.monotonic()
        stale = self._await_alerts("the books were never verified", (Expected("FeiraVerifyStale"),), began)
        await asyncio.gather(stale, self._watched())
        await verified(self._world)
        still = await self._until_ended((Expected("FeiraVerifyStale"),))
        self._verdict.expect_in_time(not still, "after a verification still fires FeiraVerifyStale")
        await self._until_calm()

    async def _watched(self) -> None:
        """`make watch` shows the same stack."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "deploy.observability.live.watch", "--json", f"--port={ports.free()}"),
            env=dict(self._world.stack.environment),
            stdout=asyncio.subprocess.PIPE,
        )
        output, _ = await process.communicate()
        shown = json.loads(output)
        self._verdict.expect(set(shown["targets"].values()) == {"up"}, f"make watch: {shown['targets']}")
        answering = next(it for it in shown["panels"] if it["title"] == "Processes that answer")
        self._verdict.expect(len(answering["values"]) == len(SERVICE_NAMES), f"make watch: {answering}")

    async def _healthy_storm(self) -> None:
        began, seen = time.monotonic(), set[str]()
        while time.monotonic() - began < QUIET_SECONDS:
            seen |= set(self._firing())
            await asyncio.sleep(LOOK_EVERY)
        self._verdict.expect(not seen, f"in a healthy storm fired {sorted(seen)}")
        self._verdict.figures["healthy_storm"] = {
            "seconds": QUIET_SECONDS,
            "checkouts": self._world.storm.outcomes["begun"],
        }
        begun = self._world.storm.outcomes["begun"]
        say(f"healthy storm: {begun} checkouts, alerts: {sorted(seen) or 'none'}")

    def _exists(self) -> None:
        """After the faults: a counter of what never happened has no series."""
        for it in existence.missing(self._world.client):
            self._verdict.expect(False, it)
        for it in existence.empty_panels(self._world.client):
            self._verdict.expect(False, f"no data: {it}")

    async def _inject(self, fault: Fault) -> None:
        already = await self._until_ended(fault.causes)
        self._verdict.expect(not already, f"{fault.name}: before the fault fired {already}")
        began = time.monotonic()
        async with fault.act(self._world):
            alerts = self._await_alerts(fault.name, fault.causes, began)
            await asyncio.gather(alerts, *([self._inject(fault.meanwhile)] if fault.meanwhile else ()))
        if fault.then_calm:
            await self._until_calm()

    async def _until_ended(self, expected: tuple[Expected, ...]) -> list[str]:
        """Wait until none of these alerts fires any more; return those that still do."""

        async def still() -> list[str]:
            return [str(it) for it in expected if self._is_firing(it)]

        return await until_nothing(still, CALM_WITHIN)

    async def _await_alerts(self, name: str, expected: tuple[Expected, ...], began: float) -> None:
        waiting = list(expected)
        while waiting and time.monotonic() - began < FIRES_WITHIN:
            for it in [it for it in waiting if self._is_firing(it)]:
                waiting.remove(it)
                seconds = round(time.monotonic() - began, 1)
                self._fired.setdefault(it.alert, []).append(f"{seconds} s after: {name}")
                say(f"{seconds:6.1f} s  {it}  <- {name}")
            await asyncio.sleep(LOOK_EVERY)
        for it in waiting:
            self._verdict.expect_in_time(False, f"{name}: {it} did not fire within {FIRES_WITHIN:.0f} s")

    def _firing(self) -> list[str]:
        return sorted(
            f"{it.name} {it.labels.get('service', '')}".strip()
            for it in self._world.client.alerts()
            if it.state == "firing"
        )

    def _is_firing(self, expected: Expected) -> bool:
        return any(
            it.name == expected.alert
            and it.state == "firing"
            and all(it.labels.get(label) == value for label, value in expected.labels.items())
            for it in self._world.client.alerts()
        )

    async def _until_calm(self) -> None:
        """All processes are ready again, and messages do not wait."""

        async def still() -> list[str]:
            processes = self._world.stack.status()["processes"]
            waiting = self._world.client.query(WAITING)
            return [
                *(f"{it['name']} is {it['state']}" for it in processes if it["state"] != "ready"),
                *(f"{it.labels} waits for {it.value:.0f} s" for it in waiting),
            ]

        for it in await until_nothing(still, CALM_WITHIN):
            self._verdict.expect_in_time(False, f"after {CALM_WITHIN:.0f} s {it}")

    def _report(self, *, complete: bool) -> None:
        self._verdict.figures["unit_tested_only"] = UNIT_TESTED_ONLY
        self._verdict.figures["checkouts"] = dict(self._world.storm.outcomes)
        if complete:
            unproved = alert_names() - self._fired.keys() - UNIT_TESTED_ONLY.keys()
            self._verdict.expect(not unproved, f"no fault has provoked {sorted(unproved)}")


def chosen() -> tuple[Fault, ...]:
    words = os.environ.get("ONLY", "").lower().split()
    return tuple(it for it in FAULTS if not words or any(word in it.name.lower() for word in words))


async def run(world: World, verdict: Verdict) -> None:
    ended = asyncio.Event()
    storm = asyncio.create_task(world.storm.run(ended))
    try:
        await Proof(world, verdict).prove(chosen())
    finally:
        ended.set()
        await storm


def main() -> int:
    verdict = Verdict("alerts")
    factor = number("FACTOR", 20)
    verdict.figures["rules_are_faster_by"] = factor
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        arming = Arming(folder)
        settings = {"FEIRA_FAILPOINTS": arming.setting, "FEIRA_GATEWAY_DOWN_SECONDS": "3600"}
        with (
            running_stack(folder / "home", settings, quick_retries.COMMAND) as stack,
            prometheus(
                folder / "prometheus",
                ports.free(),
                targets(stack.status()["processes"]),
                scrape_seconds=SCRAPE_SECONDS,
                factor=factor,
            ) as running,
            verdict.taking_down(),
        ):
            asyncio.run(run(World(stack, running, arming, Storm(dict(stack.addresses.urls))), verdict))
    return verdict.end()


if __name__ == "__main__":
    sys.exit(main())
