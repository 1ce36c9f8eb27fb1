"""Writes messages from the templates: subject, text and HTML of a kind in a language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
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


def write(
    notification_id: UUID,
    kind: str,
    locale: str | None,
    sender: str,
    recipient: str,
    content: Mapping[str, Any],
    now: datetime,
) -> EmailMessage:
    language = language_of(locale)
    values = {**content, "locale": Locale.parse(language, sep="-"), "language": language}
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"] = sender, recipient
    message["Subject"] = " ".join(_render(kind, language, "subject.txt", values).split())
    message["Message-ID"] = message_id(notification_id, sender)
    message["Date"] = format_datetime(now)
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = language
    message.set_content(_render(kind, language, "body.txt", values))
    message.add_alternative(_render(kind, language, "body.html", values), subtype="html")
    return message


def _render(kind: str, language: str, part: str, values: Mapping[str, Any]) -> str:
    return ENVIRONMENT.get_template(f"{kind}/{language}.{part}").render(values)
