"""The settings of services that make or read the links in mails."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from kernel.security.master_keys import Key, OlderMasterKeys
from kernel.service.environment import PREFIX
from kernel.service.settings import ProcessSettings, ServiceSettings

LinkKey = Annotated[Key, Field(repr=False)]
"""A setting: base64."""
DEVELOPMENT_KEY = b"the link key of a local stack   "
"""Known to everybody: a link under it proves nothing."""


class LinkKeySettings(ProcessSettings):
    link_key: LinkKey = DEVELOPMENT_KEY
    """The key that signs links: the same in all services. Required in production."""
    link_keys_old: OlderMasterKeys = ()
    """Older keys, under which links that were sent already are still read."""

    @property
    def link_keys(self) -> tuple[bytes, ...]:
        """For reading; the first one is for making."""
        return (self.link_key, *self.link_keys_old)

    @model_validator(mode="after")
    def _require_a_secret_link_key(self) -> Self:
        if self.env == "production" and self.link_key == DEVELOPMENT_KEY:
            raise ValueError(f"{PREFIX}LINK_KEY must be set in production")
        return self


class LinkSettings(LinkKeySettings, ServiceSettings):
    """Of a service with Kafka."""
