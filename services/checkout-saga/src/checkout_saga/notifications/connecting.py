"""Connects the slice with the servers that the settings name."""

from __future__ import annotations

from collections.abc import Mapping

from checkout_saga.customers.vault import Vault
from checkout_saga.notifications.mail_calls import MailCalls
from checkout_saga.notifications.ports import Channel
from checkout_saga.notifications.smtp import SmtpMailer, SmtpServer
from checkout_saga.notifications.writing import Links
from checkout_saga.settings import CheckoutSettings
from kernel.scheduling.outbound_calls import Caller
from kernel.store.event_store import EventStore


def mail_callers_of(
    store: EventStore, vault: Vault, settings: CheckoutSettings, slack: Channel
) -> Mapping[str, Caller]:
    """For calls of their own, so that a slow mail server delays no checkout."""
    links = Links(settings.recovery_url.rstrip("/"), settings.link_key)
    return MailCalls(store, vault, _mailer(settings), links, slack).callers()


def _mailer(settings: CheckoutSettings) -> SmtpMailer | None:
    if not settings.smtp_host:
        return None
    return SmtpMailer(
        SmtpServer(
            host=settings.smtp_host,
            port=settings.smtp_port,
            tls=settings.smtp_tls,
            sender=settings.smtp_from,
            username=settings.smtp_username,
            password=settings.smtp_password,
            ca_file=settings.smtp_ca_file,
            seconds=settings.smtp_seconds,
            transfer_seconds=settings.smtp_transfer_seconds,
        )
    )
