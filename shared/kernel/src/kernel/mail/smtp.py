"""Sends messages to an SMTP server."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.utils import parseaddr
from typing import Literal

from aiosmtplib import SMTP
from aiosmtplib.errors import (
    SMTPDataError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)
from email_validator import EmailNotValidError, validate_email

from kernel.faults import failpoints
from kernel.mail.channels import NotTaken, OutcomeUnknown

Tls = Literal["starttls", "tls", "none"]
"""``starttls`` on a plain port, ``tls`` from the first byte."""
UTF8 = "SMTPUTF8"
FOR_GOOD = 500
"""Reply codes from here on say that trying again is of no use."""


@dataclass(frozen=True, slots=True)
class SmtpServer:
    host: str
    port: int
    tls: Tls
    sender: str
    username: str = ""
    password: str = field(default="", repr=False)
    ca_file: str = ""
    seconds: float = 5.0
    """For everything before the transfer together."""
    transfer_seconds: float = 15.0


class SmtpMailer:
    """Implements ``ports.Mailer``. A connection for each message."""

    def __init__(self, server: SmtpServer) -> None:
        self.sender = server.sender
        self._server = server
        self._from = parseaddr(server.sender)[1]

    @asynccontextmanager
    async def begin(self, address: str) -> AsyncIterator[SmtpTransfer]:
        client = self._client()
        try:
            await self._open(client, address)
            yield SmtpTransfer(client, self._server.transfer_seconds)
        finally:
            client.close()

    def _client(self) -> SMTP:
        server = self._server
        context = None
        if server.tls != "none":
            context = ssl.create_default_context(cafile=server.ca_file or None)
        return SMTP(
            hostname=server.host,
            port=server.port,
            timeout=server.seconds,
            use_tls=server.tls == "tls",
            start_tls=server.tls == "starttls",
            username=server.username or None,
            password=server.password or None,
            tls_context=context,
        )

    async def _open(self, client: SMTP, address: str) -> None:
        try:
            async with asyncio.timeout(self._server.seconds):
                await client.connect()
                ascii_address = _in_ascii(address)
                if ascii_address is None and not client.supports_extension(UTF8.lower()):
                    raise NotTaken(for_good=True)  # the server takes no such address
                encoding = "ascii" if ascii_address else "utf-8"
                await client.mail(self._from, options=[] if ascii_address else [UTF8], encoding=encoding)
                await client.rcpt(ascii_address or address, encoding=encoding)
        except (SMTPSenderRefused, SMTPRecipientRefused) as refused:
            raise NotTaken(refused.code, for_good=refused.code >= FOR_GOOD) from None
        except SMTPResponseException as refused:
            # of the greeting, TLS or the login: of the server's state or of our settings, not of this message
            raise NotTaken(refused.code) from None
        except TimeoutError:
            raise NotTaken(timed_out=True) from None
        except (SMTPException, OSError, ValueError):
            raise NotTaken from None


class SmtpTransfer:
    def __init__(self, client: SMTP, seconds: float) -> None:
        self._client = client
        self._seconds = seconds

    async def deliver(self, message: bytes) -> None:
        try:
            async with asyncio.timeout(self._seconds):
                failpoints.active and await failpoints.hit("mail.before_data")
                await self._client.data(message, timeout=self._seconds)
                failpoints.active and await failpoints.hit("mail.after_data")
        except SMTPDataError as refused:
            raise NotTaken(refused.code, for_good=refused.code >= FOR_GOOD) from None
        except (SMTPException, TimeoutError, OSError):
            raise OutcomeUnknown from None


def _in_ascii(address: str) -> str | None:
    """The address with its domain as DNS has it; None if its local part is not in ASCII."""
    try:
        return validate_email(address, check_deliverability=False, test_environment=True).ascii_email
    except EmailNotValidError:
        return address if address.isascii() else None
