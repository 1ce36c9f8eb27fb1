"""Connects the slice with the servers that the settings name."""

from __future__ import annotations

from collections.abc import Mapping

from checkout_saga.customers.vault import Vault
from checkout_saga.notifications.mail_calls import MailCalls
from checkout_saga.notifications.writing import Links
from checkout_saga.settings import CheckoutSettings
from kernel.mail.channels import Channel
from kernel.mail.connecting import mailer_of
from kernel.scheduling.outbound_calls import Caller
from kernel.store.event_store import EventStore


def mail_callers_of(
    store: EventStore, vault: Vault, settings: CheckoutSettings, slack: Channel
) -> Mapping[str, Caller]:
    """For calls of their own, so that a slow mail server delays no checkout."""
    links = Links(settings.recovery_url.rstrip("/"), settings.link_key)
    return MailCalls(store, vault, mailer_of(settings), links, slack).callers()
