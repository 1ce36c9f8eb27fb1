"""Ask the system's own check for its opinion, too."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from contracts.topology import EVENT_TOPICS
from tests.proofs.chaos.faults.deliveries import poison_in
from tests.proofs.verdict import Verdict
from tests.support.stack import PROGRAM, RunningStack

COMPARED = ("records", "checkouts", "orders", "ledger_entries")
MADE_UP, CANNOT_BE_READ = "E4", "a record of facts that cannot be read"


async def verify(stack: RunningStack, verdict: Verdict) -> Any:
    """It must complain of nothing but the poison that was put among the facts, and of each of that."""
    poison = await poison_in(stack.addresses.kafka, EVENT_TOPICS)
    child = await asyncio.create_subprocess_exec(
        *(PROGRAM, "verify", "--json"),
        env=dict(stack.environment),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, complaint = await child.communicate()
    try:
        told = json.loads(out)
    except ValueError:
        verdict.expect(False, f"feira verify: {complaint.decode()[-500:]}")
        return None
    for it in told["checks"]:
        allowed = poison if it["check"] == MADE_UP else 0
        strange = [row for row in it["rows"] if not (allowed and row["what"] == CANNOT_BE_READ)]
        fine = it["violations"] == allowed and not strange and "unavailable" not in it
        why = it.get("unavailable") or f"{it['violations']} instead of {allowed}: {strange[:3]}"
        verdict.expect(fine, f"feira verify: {it['check']}, {why}")
    idle = [name for name in COMPARED if not told["compared"][name]]
    verdict.unproved += (f"feira verify had no {it} to compare" for it in idle)
    verdict.expect(told["holds"] is not bool(poison), "feira verify does not hold by what it says")
    return {**told["compared"], "poison_found_among_the_facts": poison}
