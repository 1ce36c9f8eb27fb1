"""``python -m tests.support.mail_server PORT LEDGER [CERTIFICATE KEY]``: a mail server for tests.

It appends each mail that it takes to the ledger, one line of JSON, durably before it answers. What it does
with a mail follows from the recipient's name: see ``RECIPIENTS`` and ``TRANSFERS``.
"""

from __future__ import annotations

import asyncio
import json
import os
import ssl
import sys
from collections import Counter
from email import message_from_bytes
from email.policy import default
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

RECIPIENTS = {"later": "451 4.7.1 later", "never": "550 5.1.1 no such user"}
TRANSFERS = {"full": "452 4.2.2 full", "refused": "554 5.7.1 refused"}
"""Name of the recipient to the server's reply; ``later`` and ``full`` once, and then it takes the mail."""
ONCE = {"later", "full"}
MUTE_BEFORE, MUTE_AFTER = "mute-before", "mute-after"
"""The server goes silent after RCPT, or after it has taken the mail."""


class Mailboxes:
    def __init__(self, ledger: Path) -> None:
        self._ledger = ledger
        self._refused: Counter[str] = Counter()

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's interface
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        name = _name(address)
        if name == MUTE_BEFORE:
            await asyncio.Event().wait()
        if refusal := self._refusal(RECIPIENTS, name):
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802  # aiosmtpd's interface
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        name = _name(envelope.rcpt_tos[0])
        if refusal := self._refusal(TRANSFERS, name):
            return refusal
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        self._keep(envelope.rcpt_tos[0], content)
        if name == MUTE_AFTER:
            await asyncio.Event().wait()
        return "250 OK"

    def _refusal(self, refusals: dict[str, str], name: str) -> str | None:
        if name not in refusals:
            return None
        self._refused[name] += 1
        return None if name in ONCE and self._refused[name] > 1 else refusals[name]

    def _keep(self, recipient: str, content: bytes) -> None:
        message = message_from_bytes(content, policy=default)
        text = message.get_body(("plain",))
        line = {
            "to": recipient,
            "id": message["Message-ID"],
            "subject": message["Subject"],
            "text": text.get_content() if text else "",
        }
        with self._ledger.open("a") as file:
            file.write(json.dumps(line) + "\n")
            file.flush()
            os.fsync(file.fileno())


def _name(address: str) -> str:
    return address.partition("@")[0].partition("+")[0]


async def serve(port: int, ledger: Path, tls: ssl.SSLContext | None) -> None:
    mailboxes = Mailboxes(ledger)

    def connection() -> SMTP:
        return SMTP(mailboxes, hostname="mail.test", tls_context=tls, require_starttls=tls is not None)

    server = await asyncio.get_running_loop().create_server(connection, "127.0.0.1", port)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    where, kept, *certificate = sys.argv[1:]
    context = None
    if certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*certificate)
    asyncio.run(serve(int(where), Path(kept), context))
