"""Links to the pages on which customers act: each proves that the gateway has made it, for one payment."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from urllib.parse import urlencode
from uuid import UUID

PATH = "/actions"


@dataclass(frozen=True, slots=True)
class ActionLinks:
    base: str
    """Where browsers reach the gateway."""
    secret: str = field(repr=False)

    def link(self, merchant: str, payment_id: UUID) -> str:
        query = {"merchant": merchant, "proof": self._proof(merchant, payment_id)}
        return f"{self.base.rstrip('/')}{PATH}/{payment_id}?{urlencode(query)}"

    def fits(self, merchant: str, payment_id: UUID, proof: str) -> bool:
        return hmac.compare_digest(self._proof(merchant, payment_id).encode(), proof.encode())

    def _proof(self, merchant: str, payment_id: UUID) -> str:
        about = f"action {payment_id} {merchant}".encode()
        return hmac.new(self.secret.encode(), about, hashlib.sha256).hexdigest()
