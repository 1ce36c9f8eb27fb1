"""Check the stack with ``feira verify``."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from contracts.topology import EVENT_TOPICS
from tests.proofs.chaos.faults.deliveries import poison_in
from tests.proofs.verdict import Verdict
from tests.support.stack import PROGRAM, RunningStack

COMPARED = ("records", "checkouts", "orders", "ledger_entries")
POISON_CHECK, CANNOT_BE_READ = "E4", "a record of facts that cannot be read"


async def verify(stack: RunningStack, verdict: Verdict) -> Any:
    """Expect it to report each poison record on the topics of facts, and nothing else."""
    poison = await poison_in(stack.addresses.kafka, EVENT_TOPICS)
    child = await asyncio.create_subprocess_exec(
        *(PROGRAM, "verify", "--json"),
        env=dict(stack.environment),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, errors = await child.communicate()
    try:
        report = json.loads(out)
    except ValueError:
        verdict.expect(False, f"feira verify: {errors.decode()[-500:]}")
        return None
    for it in report["checks"]:
        allowed = poison if it["check"] == POISON_CHECK else 0
        unexpected = [row for row in it["rows"] if not (allowed and row["what"] == CANNOT_BE_READ)]
        fine = it["violations"] == allowed and not unexpected and "unavailable" not in it
        why = it.get("unavailable") or f"{it['violations']} instead of {allowed}: {unexpected[:3]}"
        verdict.expect(fine, f"feira verify: {it['check']}, {why}")
    idle = [name for name in COMPARED if not report["compared"][name]]
    verdict.unproved += (f"feira verify had no {it} to compare" for it in idle)
    verdict.expect(report["holds"] is not bool(poison), "the verdict of feira verify contradicts its checks")
    return {**report["compared"], "poison_found_among_the_facts": poison}
