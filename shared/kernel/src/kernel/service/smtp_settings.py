"""The settings of processes that send mails."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from kernel.service.database_settings import Password
from kernel.service.environment import PREFIX
from kernel.service.settings import Port, ProcessSettings


class SmtpSettings(ProcessSettings):
    smtp_host: str = ""
    """The mail server; empty: no mails are sent."""
    smtp_port: Port = 587
    smtp_tls: Literal["starttls", "tls", "none"] = "starttls"
    """``tls`` encrypts from the first byte; ``none`` is for a server on the same host."""
    smtp_ca_file: str = ""
    """The certificate authority of the mail server; empty: those of the system."""
    smtp_username: str = ""
    smtp_password: Password = ""
    smtp_from: str = ""
    """The address from which mails come, also with a name: ``Example <mail@example.com>``."""
    smtp_seconds: Annotated[float, Field(gt=0, le=10)] = 5.0
    """How long a mail server may take before the transfer of a mail."""
    smtp_transfer_seconds: Annotated[float, Field(gt=0, le=15)] = 15.0
    """How long the transfer of a mail may take."""

    @model_validator(mode="after")
    def _require_a_sender(self) -> Self:
        if self.smtp_host and "@" not in self.smtp_from:
            raise ValueError(f"{PREFIX}SMTP_FROM must be an address if {PREFIX}SMTP_HOST is set")
        if self.smtp_password and self.smtp_tls == "none" and self.env == "production":
            raise ValueError(f"{PREFIX}SMTP_TLS must not be none in production with a password")
        return self
