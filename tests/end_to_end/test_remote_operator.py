"""An operator with `feira-cli` alone and one URL: no database password, no broker, nothing of the stack."""

from __future__ import annotations

import asyncio
import json
import subprocess
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from cli.named_in_environment import database_variable, url_variable
from contracts.topology import SERVICE_NAMES, SERVICES
from devstack.databases import describe
from tests.end_to_end.shop_client import Shop
from tests.support.database import execute
from tests.support.one_host import one_host
from tests.support.operators_install import install
from tests.support.stack import PROGRAM, RunningStack

OF_LEDGER = ["M1", "M2", "M3", "M4", "M5", "M6", "L3"]
"""Checks against the gateway's own ledger, in the order of the report."""
JOB = ("verify", "--json", "--settle", "20", "--report")


class Operator:
    """A machine with `feira-cli` and a context."""

    def __init__(self, program: Path, home: Path) -> None:
        self._program = program
        self._environment = {"HOME": str(home), "COLUMNS": "200"}

    def run(self, *words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self._program, *words],
            env=self._environment,
            input=typed,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def json(self, *words: str) -> Any:
        ran = self.run(*words, "--json")
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return json.loads(ran.stdout)


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install(tmp_path_factory.mktemp("operator")) / "feira"


@pytest.fixture(scope="module")
def host(stack: RunningStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    with one_host(stack.addresses.urls, tmp_path_factory.mktemp("host")) as found:
        yield found


@pytest.fixture(scope="module")
def operator(program: Path, host: tuple[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Operator:
    url, certificate = host
    operator = Operator(program, tmp_path_factory.mktemp("home"))
    added = operator.run(
        "context", "add", "prod", "--url", url, "--ca-file", str(certificate), typed="demo-ops\n"
    )
    assert added.returncode == 0, added.stderr
    assert operator.run("context", "use", "prod").returncode == 0
    return operator


def test_a_host_that_is_not_trusted_gets_no_key(
    program: Path, host: tuple[str, Path], tmp_path: Path
) -> None:
    stranger = Operator(program, tmp_path)
    stranger.run("context", "add", "prod", "--url", host[0], typed="demo-ops\n")

    refused = stranger.run("--context", "prod", "saga", "list")
    assert refused.returncode == 1 and "does not answer" in refused.stderr


def test_the_status_has_every_service_with_its_version_and_figures(operator: Operator) -> None:
    found = operator.json("status")

    assert (found["state"], found["context"], found["errors"]) == ("ready", "prod", {})
    assert all(it["ready"] and it["version"] for it in found["services"].values())
    assert found["services"].keys() == {*SERVICE_NAMES}
    figures = found["services"]["checkout-saga"]["figures"]
    assert figures["feira_parked_records"] == 0 and figures["feira_sagas_open"] is not None
    assert "feira_sagas_open" not in found["services"]["projections"]["figures"]
    assert {it["name"] for it in found["read_models"]} >= {"conversion", "products"}
    shown = operator.run("status")
    assert shown.returncode == 0 and "checkout-saga" in shown.stdout


def test_checkouts_and_parked_records_are_reached_by_the_same_url(operator: Operator, shop: Shop) -> None:
    checkout = shop.buy(shop.cart((shop.product(700), 1)))["checkout_id"]

    assert operator.json("saga", "show", checkout)["status"] == "completed"
    assert operator.json("parked", "list") == {"items": [], "next_cursor": None}
    assert operator.json("refund", "list")["items"] == []
    assert {it["name"] for it in operator.json("projections", "list")["items"]} >= {"conversion"}
    job = operator.run("events", "tail")
    assert job.returncode == 1 and "run it as a Job" in job.stderr


def test_a_key_is_made_replaced_and_revoked_at_all_services(
    operator: Operator, shop: Shop, tmp_path: Path
) -> None:
    file = tmp_path / "key"
    made = operator.json("keys", "create", "--role", "ops", "--name", "on call", "--key-file", str(file))
    key = file.read_text().strip()
    assert made["id"] == sha256(key.encode()).hexdigest()[:12] and key not in json.dumps(made)
    assert (made["tenant"], made["state"], made["databases"]) == ("demo", "active", [*SERVICE_NAMES])
    for service in SERVICE_NAMES:
        until_status(shop, service, key, 200)
    again = operator.json("keys", "create", "--role", "ops", "--name", "on call", "--key-file", str(file))
    assert again["id"] == made["id"]
    other = operator.run("keys", "create", "--role", "admin", "--name", "on call", "--key-file", str(file))
    assert other.returncode == 1 and "API_KEY_EXISTS" in other.stderr

    new = operator.json("keys", "rotate", made["id"], "--keep", "1h")
    assert new["replaces"]["state"] == "ending" and new["name"] == "on call"
    assert operator.json("keys", "revoke", made["id"])["state"] == "revoked"
    for service in SERVICE_NAMES:
        until_status(shop, service, key, 401)
        until_status(shop, service, new["key"], 200)
    listed = {it["id"]: it["state"] for it in operator.json("keys", "list", "--limit", "100")["items"]}
    assert (listed[made["id"]], listed[new["id"]]) == ("revoked", "active")


def test_what_a_missing_service_has_interrupted_is_finished_by_a_repetition(
    operator: Operator, stack: RunningStack, tmp_path: Path
) -> None:
    file = tmp_path / "key"
    create = ("keys", "create", "--role", "ops", "--name", "half", "--key-file", str(file))
    made = operator.json(*create)
    missed = f"DELETE FROM api_keys WHERE left(key_hash, 12) = '{made['id']}'"  # noqa: S608  # of our own
    asyncio.run(execute(stack.addresses.databases["offer"], missed))
    assert _state(operator, made["id"]) == "incomplete"

    assert operator.json(*create)["state"] == "active"
    assert _state(operator, made["id"]) == "active"


def test_a_key_of_another_tenant_is_out_of_reach(operator: Operator, stack: RunningStack) -> None:
    words = (PROGRAM, "keys", "create", "--tenant", "rival", "--role", "ops", "--name", "theirs", "--json")
    theirs = json.loads(subprocess.check_output(words, env=dict(stack.environment)))

    assert theirs["id"] not in {it["id"] for it in operator.json("keys", "list", "--limit", "100")["items"]}
    assert "There is no key" in operator.run("keys", "revoke", theirs["id"]).stderr
    refused = operator.run("keys", "create", "--tenant", "rival", "--role", "ops", "--name", "x")
    assert "only keys of the own tenant" in refused.stderr


def test_the_result_of_a_job_is_fetched_and_is_the_exit_code(operator: Operator, stack: RunningStack) -> None:
    """The Job knows the databases but no ledger, as with a real gateway."""
    none = operator.run("verify", "--last")
    assert none.returncode == 1 and "VERIFICATION_NOT_FOUND" in none.stderr
    passwords = json.loads((stack.home / "secrets.json").read_text())
    job = {url_variable(it): stack.addresses.urls[it] for it in SERVICE_NAMES}
    for service in SERVICES:
        described = describe(service.database, stack.addresses.postgres, passwords.__getitem__)
        job[database_variable(service.name)] = described.service_url
    job |= {"FEIRA_KAFKA_BOOTSTRAP": stack.addresses.kafka, "FEIRA_KEY": "demo-ops", "HOME": str(stack.home)}
    ran = subprocess.run([PROGRAM, *JOB], env=job, capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr

    last = operator.run("verify", "--last", "--json")
    assert last.returncode == 0
    found = json.loads(last.stdout)
    verdicts = {it["check"]: it["verdict"] for it in found["checks"]}
    assert found["holds"] and found["reported_by"] == "ops:demo-ops"
    assert verdicts["E1"] == verdicts["P2"] == "holds"
    assert [name for name, it in verdicts.items() if it == "not_judged"] == OF_LEDGER
    shown = operator.run("verify", "--last").stdout
    assert f"not judged: {', '.join(OF_LEDGER)}" in shown and "all that was judged holds" in shown


def until_status(shop: Shop, service: str, key: str, expected: int) -> None:
    deadline = time.monotonic() + 10
    while (
        found := shop.call("GET", service, "/v1/parked", Authorization=f"Bearer {key}").status_code
    ) != expected:
        assert time.monotonic() < deadline, f"{service} still answers {found}"


def _state(operator: Operator, key_id: str) -> str:
    items = operator.json("keys", "list", "--limit", "100")["items"]
    return str(next(it["state"] for it in items if it["id"] == key_id))
