"""The settings of the simulated provider, from the environment."""

from __future__ import annotations

from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict


class StripeSettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="FEIRA_STRIPE_SIMULATOR_")
    port: int
    ledger: Path
    """The file of the ledger; made if there is none."""
    secret_keys: list[str]
    """The secret keys of its accounts, one each, as JSON."""
    down_seconds: float = 30.0
    """How long nothing is answered once ``pm_sim_down`` was used."""

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"
