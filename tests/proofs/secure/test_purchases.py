"""Purchases through four services, each of which may do on the broker what its user may, and nothing else."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from contracts.topology import SERVICE_NAMES, USED_TOPICS
from devstack.broker_security import ADMIN
from tests.proofs.secure.secured_stack import USERS
from tests.support.secured_kafka import SecuredKafka
from tests.support.stack import PROGRAM, RunningStack, started

SUPERVISOR = (sys.executable, "-m", "tests.proofs.secure.secured_stack")
ORDERS = 8
COMMANDS_WITHIN = 180.0


def write_users(folder: Path, kafka: SecuredKafka) -> None:
    for service in SERVICE_NAMES:
        own = folder / service
        own.mkdir(parents=True)
        (own / "feira_kafka_username").write_text(service)
        (own / "feira_kafka_password").write_text(kafka.connection(service).password + "\n")


def feira(environment: Mapping[str, str], *arguments: str) -> str:
    done = subprocess.run(
        (PROGRAM, *arguments),
        check=False,
        env=dict(environment),
        capture_output=True,
        text=True,
        timeout=COMMANDS_WITHIN,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def buy_and_verify(stack: RunningStack, operator: Mapping[str, str], topics: set[str]) -> None:
    try:
        stack.until_ready()
        feira(stack.environment, "load", "--orders", str(ORDERS), "--mix", "tok_ok=3,tok_declined=1")
        environment = {**stack.environment, **operator}
        feira(environment, "verify")
        seen = {
            topic
            for topic in topics
            if feira(environment, "events", "tail", "--topic", topic, "--limit", "1", "--json")
        }
        assert seen == topics
        refused = [name for name in SERVICE_NAMES if "AuthorizationFailed" in stack.log(name)]
        assert refused == []
    finally:
        stack.stop()


async def test_what_people_buy_over_a_secured_broker_is_complete_and_consistent(
    secured: SecuredKafka, tmp_path: Path
) -> None:
    write_users(tmp_path / "users", secured)
    environment = {
        **secured.settings(ADMIN),
        "FEIRA_KAFKA": secured.connection(ADMIN).bootstrap,
        USERS: str(tmp_path / "users"),
        # on a slow machine carts may receive new products late
        "FEIRA_CATALOGUE_PATIENCE_SECONDS": "5",
    }
    stack = started(tmp_path / "stack", environment, SUPERVISOR)

    await asyncio.to_thread(buy_and_verify, stack, secured.settings("operator"), {*USED_TOPICS})
