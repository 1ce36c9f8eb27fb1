"""Writes the mail of a report: the figures of the question's page as HTML, and its rows as CSV."""

from __future__ import annotations

from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from projections.dashboard.answering import Answer
from projections.reports.mails import Taken

MAX_ROWS = 100
"""That the mail shows; the file has all."""
ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=select_autoescape(["html"]),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


class Report(NamedTuple):
    mail: Taken
    answer: Answer
    now: datetime
    csv: bytes | None
    """None if the question has no file, or one too large for a mail."""


def message_id(mail: Taken, sender: str) -> str:
    """The same for each attempt, so that a mail that comes twice can be recognised."""
    return f"<{mail.mail_id}@{parseaddr(sender)[1].rpartition('@')[2]}>"


def render(report: Report, sender: str, recipient: str) -> bytes:
    mail, answer = report.mail, report.answer
    name, address = parseaddr(sender)
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(name, addr_spec=address)
    message["To"] = recipient
    message["Subject"] = " ".join(f"{mail.name}: {answer.days or answer.question.title}".split())
    message["Message-ID"] = message_id(mail, sender)
    message["Date"] = format_datetime(report.now)
    message["Auto-Submitted"] = "auto-generated"
    values = {
        "report": report,
        "answer": answer,
        "rows": answer.table.rows[:MAX_ROWS],
        "is_cut": answer.is_cut or len(answer.table.rows) > MAX_ROWS,
        "known_at": f"{report.now.astimezone(UTC):%Y-%m-%d %H:%M} UTC",
        "local": f"{report.now.astimezone(ZoneInfo(mail.time_zone)):%Y-%m-%d %H:%M}",
    }
    message.set_content(ENVIRONMENT.get_template("report.txt").render(values))
    message.add_alternative(ENVIRONMENT.get_template("report.html").render(values), subtype="html")
    if report.csv is not None:
        message.add_attachment(
            report.csv, maintype="text", subtype="csv", filename=f"{answer.question.name}.csv"
        )
    return message.as_bytes()
