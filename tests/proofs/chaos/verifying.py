"""Ask the system's own check for its opinion, too."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from tests.proofs.verdict import Verdict
from tests.support.stack import PROGRAM, RunningStack


async def verify(stack: RunningStack, verdict: Verdict) -> Any:
    child = await asyncio.create_subprocess_exec(
        *(PROGRAM, "verify", "--json"),
        env=dict(stack.environment),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, complaint = await child.communicate()
    verdict.expect(child.returncode == 0, f"feira verify: {_broken(out) or complaint.decode()[-500:]}")
    return json.loads(out)["compared"] if out else None


def _broken(out: bytes) -> str:
    try:
        checks = json.loads(out)["checks"]
    except ValueError:
        return ""
    return "; ".join(f"{it['check']} {it['rows'][:3]}" for it in checks if it["violations"])
