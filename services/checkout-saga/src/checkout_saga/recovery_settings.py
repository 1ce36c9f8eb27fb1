"""The settings of ``python -m checkout_saga recover-log``."""

from __future__ import annotations

from contracts.customer_keys import CUSTOMER_KEYS
from kernel.recovery.job import RecoverySettings
from kernel.security.master_keys import MasterKey, MasterKeys, OlderMasterKeys


class CheckoutRecoverySettings(RecoverySettings):
    """With the keys of the service: a recovery reads the addresses that registered customers hold, and finds
    out which customers' keys their erasures have destroyed."""

    master_key: MasterKey
    master_keys_old: OlderMasterKeys = ()

    @property
    def master_keys(self) -> MasterKeys:
        return MasterKeys(CUSTOMER_KEYS, self.master_key, self.master_keys_old)
