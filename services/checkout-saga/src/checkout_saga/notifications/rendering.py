"""Writes messages from the templates: subject, text and HTML of a kind in a language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from pathlib import Path
from typing import Any
from uuid import UUID

from babel import Locale
from babel.dates import format_datetime as format_in_words
from babel.numbers import format_currency, get_currency_precision
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from pricing.money import exponent, show

TEMPLATES = Path(__file__).parent / "templates"
DEFAULT = "en"
LANGUAGES = {"en": "en", "pt": "pt-BR"}
"""Language of the customer to the name of the templates; English for all others."""


def _in_currency(amount: int, currency: str, locale: Locale) -> str:
    """123450 and USD give "$1,234.50" in English."""
    decimals = exponent(currency)
    if decimals != get_currency_precision(currency):
        return show(amount, currency, str(locale))
    return format_currency(Decimal(amount).scaleb(-decimals), currency, locale=locale)


def _in_words(moment: datetime, locale: Locale) -> str:
    return f"{format_in_words(moment, 'long', locale=locale)}"


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["money"] = _in_currency
    environment.filters["moment"] = _in_words
    return environment


ENVIRONMENT = _environment()


def language_of(locale: str | None) -> str:
    return LANGUAGES.get((locale or DEFAULT).partition("-")[0], DEFAULT)


def message_id(notification_id: UUID, sender: str) -> str:
    """The same for each try, so that a mailbox shows a repeated message once."""
    domain = parseaddr(sender)[1].rpartition("@")[2]
    return f"<{notification_id}@{domain}>"


def render_mail(
    notification_id: UUID,
    template: str,
    locale: str | None,
    sender: Address,
    server_sender: str,
    recipient: str,
    content: Mapping[str, Any],
    now: datetime,
) -> EmailMessage:
    """``sender``: as the recipient sees it; ``server_sender``: for whom the server takes mails."""
    language, values = _values(locale, content)
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"] = sender, recipient
    message["Subject"] = _subject(template, language, values)
    message["Message-ID"] = message_id(notification_id, server_sender)
    message["Date"] = format_datetime(now)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_render(template, language, "body.txt", values))
    message.add_alternative(_render(template, language, "body.html", values), subtype="html")
    message["Content-Language"] = language  # of the whole: before, it would have become one of the first part
    return message


def render_text(template: str, locale: str | None, content: Mapping[str, Any]) -> str:
    language, values = _values(locale, content)
    return _render(template, language, "body.txt", values)


def _values(locale: str | None, content: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    language = language_of(locale)
    return language, {**content, "locale": Locale.parse(language, sep="-"), "language": language}


def _subject(template: str, language: str, values: Mapping[str, Any]) -> str:
    """On one line: line breaks in the values become spaces."""
    return " ".join(_render(template, language, "subject.txt", values).split())


def _render(template: str, language: str, part: str, values: Mapping[str, Any]) -> str:
    return ENVIRONMENT.get_template(f"{template}/{language}.{part}").render(values)
