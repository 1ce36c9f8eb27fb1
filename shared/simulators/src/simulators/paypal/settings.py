"""The settings of the simulated provider, from the environment."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict


class PayPalSettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="FEIRA_PAYPAL_SIMULATOR_")
    port: int
    ledger: Path
    """The file of the ledger; made if there is none."""
    merchants: dict[str, str]
    """The secrets of the merchants by their client ids, as JSON."""
    token_seconds: int = 32400
    """How long an access token is valid."""
    search_lag_seconds: int = 10800
    """After how long the transaction search finds a transaction."""

    @property
    def search_lag(self) -> timedelta:
        return timedelta(seconds=self.search_lag_seconds)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"
