"""A stack of its own, whose clock the tests move."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from typing import TypeAlias

import pytest

from tests.end_to_end.shop_client import Json, Shop
from tests.support.mailboxes import MailServer, mail_server
from tests.support.stack import PROGRAM, RunningStack, running_stack

Clock: TypeAlias = "Callable[..., Json]"
COMMAND_SECONDS = 180.0


@pytest.fixture(scope="package")
def mails(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailServer]:
    with mail_server(tmp_path_factory.mktemp("mails")) as server:
        yield server


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory, mails: MailServer) -> Iterator[RunningStack]:
    settings = {"FEIRA_CHECKOUT_ANSWER_SECONDS": "20", **mails.settings}
    with running_stack(tmp_path_factory.mktemp("moved"), settings) as running:
        yield running


@pytest.fixture(scope="package")
def shop(stack: RunningStack) -> Iterator[Shop]:
    with Shop(stack.addresses.urls) as shop:
        yield shop


@pytest.fixture
def clock(stack: RunningStack) -> Clock:
    """`feira clock` with these arguments, and what it prints."""

    def run(*arguments: str) -> Json:
        done = subprocess.run(
            [PROGRAM, "clock", *arguments, "--json"],
            check=True,
            env=dict(stack.environment),
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
        )
        found: Json = json.loads(done.stdout)
        return found

    return run
