"""Sends one mail of a report: asks its question, writes the mail, and hands it to the mail server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

import structlog

from kernel.domain import Refused
from kernel.http.auth import Principal
from kernel.http.problems import Problem
from kernel.mail.channels import Mailer, NotTaken, OutcomeUnknown
from kernel.observability.metrics.read_models import REPORT_MAILS
from kernel.security.personal_data import PersonalData
from projections.dashboard.answering import Asking
from projections.dashboard.comparing import during
from projections.questions.export_file import copy_csv
from projections.questions.question import Question
from projections.reports import mails
from projections.reports.mails import MAX_ATTEMPTS, Taken
from projections.reports.owner_keys import open_address
from projections.reports.rendering import Report, render
from projections.saved_questions.checking import Checker, arguments_of

LOG = structlog.get_logger()
MAX_ATTACHED = 5 * 1024**2
"""Bytes of the CSV file; a larger one is left out of the mail."""


class CannotBeSent(Exception):
    """Trying again is of no use; the text is shown to the owner."""


class _TooLarge(Exception):
    pass


@dataclass(frozen=True, slots=True)
class Sender:
    asking: Asking
    checker: Checker
    addresses: PersonalData
    mailer: Mailer | None
    """None if no server is configured."""

    async def send(self, mail: Taken) -> None:
        """Ends the mail, or has it tried again."""
        try:
            if await self._send(mail):
                await self._end(mail, "sent")
        except CannotBeSent as reason:
            await self._end(mail, "failed", str(reason))
        except NotTaken as refused:
            reply = "in time" if refused.reply is None else f"but replied {refused.reply}"
            text = f"The mail server has not taken it {reply}."
            await (self._end(mail, "failed", text) if refused.for_good else self._again(mail, text))
        except OutcomeUnknown:
            await self._again(mail, "The mail server has not answered: the mail may have arrived.")
        except (Refused, Problem) as refusal:
            detail = refusal.detail if isinstance(refusal, Refused) else str(refusal.detail)
            await self._end(mail, "failed", detail)

    async def _send(self, mail: Taken) -> bool:
        """False if another worker has taken the mail over."""
        if self.mailer is None:
            raise CannotBeSent("No mail server is configured.")
        if mail.attempts > MAX_ATTEMPTS:
            raise CannotBeSent(f"The worker has died {MAX_ATTEMPTS} times over it.")
        sealed = {"tenant": mail.tenant, "owner_id": mail.owner_id, "address": mail.address}
        address = await open_address(self.addresses, sealed)
        if mail.subscription_state == "ended" or address is None:
            raise CannotBeSent("The address is erased, or encrypted under a link key that is gone.")
        message = render(await self._report(mail), self.mailer.sender, address)
        async with self.mailer.begin(address) as transfer:
            if not await mails.hold(self.asking.store.pool, mail):
                return False
            await transfer.deliver(message)
        return True

    async def _report(self, mail: Taken) -> Report:
        role, _, name = mail.owner.partition(":")
        owner, now = Principal(mail.tenant, role, name), await self.asking.store.now()
        for it in self.checker.faults(mail.question, mail.parameters, owner, now.date()):
            raise CannotBeSent(f"The question can no longer be asked: {it.parameter} {it.detail}")
        question = self.checker.questions[mail.question]
        given = arguments_of(question, mail.parameters)
        answer = await self.asking.answer(question, owner, given)
        csv = await self._csv(question, owner, given, now) if question.exported else None
        return Report(mail, answer, now, csv)

    async def _csv(
        self, question: Question, owner: Principal, given: Mapping[str, object], now: datetime
    ) -> bytes | None:
        """None if it is too large."""
        asked, days, _ = self.asking.ranges(question, owner, given, now.date())
        file = BytesIO()

        async def write(piece: bytes) -> None:
            if file.tell() + len(piece) > MAX_ATTACHED:
                raise _TooLarge
            file.write(piece)

        try:
            await copy_csv(
                self.asking.store.pool, during(asked, days) if days else asked, write, guarded=True
            )
        except _TooLarge:
            return None
        return file.getvalue()

    async def _again(self, mail: Taken, reason: str) -> None:
        if mail.attempts >= MAX_ATTEMPTS:
            await self._end(mail, "failed", reason)
        elif await mails.retry(self.asking.store.pool, mail, reason):
            self._count(mail, "retried", reason)

    async def _end(self, mail: Taken, state: str, reason: str | None = None) -> None:
        if await mails.end(self.asking.store.pool, mail, state, reason):
            self._count(mail, state, reason)

    def _count(self, mail: Taken, outcome: str, reason: str | None) -> None:
        REPORT_MAILS.labels(outcome).inc()
        LOG.info("report_mail", mail_id=str(mail.mail_id), outcome=outcome, reason=reason)
