"""Connects with the mail server that the settings name."""

from __future__ import annotations

from kernel.mail.smtp import SmtpMailer, SmtpServer
from kernel.service.smtp_settings import SmtpSettings


def mailer_of(settings: SmtpSettings) -> SmtpMailer | None:
    """None if no server is named."""
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
