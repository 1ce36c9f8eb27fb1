"""A mail server, and a server in place of Slack's, as processes of their own, and what they have taken."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from devstack import ports

SENDER = "Shop <shop@feira.test>"
LISTENS_WITHIN = 30.0


@dataclass(frozen=True)
class MailServer:
    port: int
    ledger: Path

    @property
    def settings(self) -> dict[str, str]:
        """Of a service that sends to it."""
        return {
            "FEIRA_SMTP_HOST": "127.0.0.1",
            "FEIRA_SMTP_PORT": str(self.port),
            "FEIRA_SMTP_TLS": "none",
            "FEIRA_SMTP_FROM": SENDER,
            "FEIRA_RECOVERY_URL": "https://shop.test/v1/recover",
        }

    def taken(self) -> list[dict[str, Any]]:
        """The mails that are visible, in their order."""
        lines = self.ledger.read_text().splitlines() if self.ledger.exists() else []
        return [json.loads(it) for it in lines]

    def taken_for(self, address: str) -> list[dict[str, Any]]:
        return [it for it in self.taken() if it["to"] == address]

    def copies_of(self, notification_id: UUID) -> int:
        return [it["id"] for it in self.taken()].count(f"<{notification_id}@feira.test>")


@dataclass(frozen=True)
class SlackServer:
    port: int
    ledger: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def taken_at(self, hook: str) -> list[str]:
        """The texts that are visible, in their order."""
        lines = self.ledger.read_text().splitlines() if self.ledger.exists() else []
        return [it["text"] for it in map(json.loads, lines) if f"{self.url}{it['path']}" == hook]


@contextmanager
def slack_server(folder: Path) -> Iterator[SlackServer]:
    server = SlackServer(ports.free(), folder / "posts.jsonl")
    program = (sys.executable, "-m", "tests.support.slack_server", str(server.port), server.ledger)
    with _running(program, server.port):
        yield server


@contextmanager
def mail_server(folder: Path, *certificate: Path) -> Iterator[MailServer]:
    """``certificate``: certificate and key, with which the server demands STARTTLS."""
    server = MailServer(ports.free(), folder / "mails.jsonl")
    program = (sys.executable, "-m", "tests.support.mail_server", str(server.port), server.ledger)
    with _running((*program, *certificate), server.port):
        yield server


@contextmanager
def _running(program: Sequence[str | Path], port: int) -> Iterator[None]:
    process = subprocess.Popen(program)
    try:
        _until_it_listens(port)
        yield
    finally:
        process.kill()
        process.wait()


def _until_it_listens(port: int) -> None:
    deadline = time.monotonic() + LISTENS_WITHIN
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return
