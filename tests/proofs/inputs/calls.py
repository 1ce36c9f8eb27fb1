"""Generate HTTP calls from the services' own descriptions, and check that every response is as described.

`python -m tests.proofs.inputs.calls`; CALLS is their number, SEED selects them.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx

from contracts.topology import SERVICE_NAMES as SERVICES
from tests.end_to_end.shop_client import Shop
from tests.proofs.inputs.prepared import prepare
from tests.support.stack import PROJECT, running_stack

AT_ONCE = 2
# A service may be stricter than JSON Schema can express: 2.0 is no integer to it, not every three letters are
# a currency, some parameters exclude each other. So a call that fits the schema may still be refused.
UNDECIDABLE = "positive_data_acceptance"
CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
HEALTH_CHECK = "checkout-saga: GET /health/checkout"
"""Its 503 is a normal response: a checkout is late."""
FEWEST, FEWEST_WELL = 0.8, 0.8
"""Least shares of the requested calls that are made, and of the operations that succeed at least once."""
METHODS = {"get", "put", "post", "patch", "delete"}


@dataclass(frozen=True)
class Proof:
    folder: Path
    seed: int
    urls: Mapping[str, str]

    def run(self, service: str, phase: str, examples: int = 1) -> bool:
        """Whether all responses were right; the log is in the folder."""
        part = f"{service}.{phase}"
        environment = {
            **os.environ,
            "SCHEMATHESIS_HOOKS": "tests.proofs.inputs.hooks",
            "FEIRA_PROOF": str(self.folder),
            "FEIRA_PROOF_SEED": str(self.seed),
            "FEIRA_PROOF_PART": part,
            "PYTHONPATH": str(PROJECT),
        }
        # one worker a process: its threads would only wait for each other
        command = [str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(CONFIGURATION)]
        command += ["run", "--no-color"]
        command += [f"{self.urls[service]}/openapi.json", "--phases", phase, "--workers", "1"]
        command += ["--max-examples", str(examples), "--seed", str(self.seed), "--no-shrink"]
        command += ["--checks", "all", "--exclude-checks", UNDECIDABLE, "--continue-on-failure"]
        command += ["--generation-database", "none", "--request-timeout", "60", "--warnings", "off"]
        command += ["--suppress-health-check", "all"]  # a machine that is slow today is no reason to fail
        with (self.folder / f"{part}.log").open("wb") as log:
            ended = subprocess.run(
                command, cwd=self.folder, env=environment, stdout=log, stderr=subprocess.STDOUT, check=False
            )
        return ended.returncode == 0

    def log(self, service: str, phase: str) -> str:
        return (self.folder / f"{service}.{phase}.log").read_text()

    def answers(self) -> Counter[tuple[str, int]]:
        """Number of responses by operation and status; status -1: no response."""
        found: Counter[tuple[str, int]] = Counter()
        for part in self.folder.glob("*.counts.json"):
            service = part.name.split(".", 1)[0]
            counts = json.loads(part.read_text())
            found.update({(f"{service}: {label}", status): n for label, status, n in counts["answers"]})
            found.update({(f"{service}: {label}", -1): n for label, n in counts["cut"].items()})
        return found


def main() -> int:
    calls, seed = int(os.environ.get("CALLS") or 20_000), int(os.environ.get("SEED") or 1)
    print(f"about {calls} calls, seed {seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="feira-proof-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        with running_stack(folder / "home", {"FEIRA_GATEWAY_DOWN_SECONDS": "1"}) as stack:
            urls = stack.addresses.urls
            with Shop(urls) as shop:
                prepared = prepare(shop, stack.addresses.kafka)
                (folder / "prepared.json").write_text(json.dumps(prepared.as_json()))
            proof = Proof(folder, seed, urls)
            began = time.monotonic()
            bad = list(_run_all(proof, calls))
            seconds = time.monotonic() - began
            died = [it["name"] for it in stack.status()["processes"] if it["restarts"]]
        answers = proof.answers()
    for said in bad:
        print(said)
    return _report(answers, calls, seconds, failed=bool(bad), died=died)


def _run_all(proof: Proof, calls: int) -> Iterable[str]:
    """First calls at the limits in the descriptions, then random ones for the rest."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        covered = dict(zip(SERVICES, pool.map(lambda it: proof.run(it, "coverage"), SERVICES), strict=True))
        left = max(0, calls - proof.answers().total())
        each = math.ceil(left / sum(_operations(proof.urls[it]) for it in SERVICES))
        fuzzed = pool.map(lambda it: proof.run(it, "fuzzing", each), SERVICES) if each else ()
        yield from (proof.log(it, "coverage") for it, good in covered.items() if not good)
        yield from (proof.log(it, "fuzzing") for it, good in zip(SERVICES, fuzzed, strict=False) if not good)


def _operations(url: str) -> int:
    described = httpx.get(f"{url}/openapi.json", trust_env=False, timeout=60).json()
    return sum(len(METHODS & it.keys()) for it in described["paths"].values())


def _report(
    answers: Counter[tuple[str, int]], calls: int, seconds: float, *, failed: bool, died: list[str]
) -> int:
    by_operation: defaultdict[str, dict[int, int]] = defaultdict(dict)
    for (label, status), count in sorted(answers.items()):
        by_operation[label][status] = count
    went_well = 0
    for label, statuses in by_operation.items():
        well = sum(count for status, count in statuses.items() if 200 <= status < 300)
        went_well += bool(well)
        counts = ", ".join(f"{status}: {count}" for status, count in statuses.items())
        print(f"{label:<62} {f'{well} well' if well else 'NEVER WELL':>10}   {counts}")
    ours = sum(
        count
        for (label, status), count in answers.items()
        if status >= 500 and (label, status) != (HEALTH_CHECK, 503)
    )
    silent = sum(count for (_, status), count in answers.items() if status < 0)
    print(
        f"{answers.total()} calls to {len(by_operation)} operations in {seconds:.0f} s: {ours} answered 5xx,"
        f" {silent} not answered, {len(died)} processes died,"
        f" {'some' if failed else '0'} answers not as described"
    )
    few = answers.total() < FEWEST * calls or went_well < FEWEST_WELL * len(by_operation)
    if few:
        print(f"NOT PROVED: {calls} calls were wanted, and {went_well} operations ever went well")
    return int(failed or few or bool(ours or silent or died))


if __name__ == "__main__":
    sys.exit(main())
