"""Access tokens: a merchant's client id and secret give one, which ends after some hours."""

from __future__ import annotations

import base64
import binascii
import secrets

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from simulators.paypal.books import Books, new_id
from simulators.paypal.errors import Refusal
from simulators.paypal.settings import PayPalSettings
from simulators.provider.ledger import Ledger


class Access:
    def __init__(self, ledger: Ledger, settings: PayPalSettings) -> None:
        self._ledger = ledger
        self._settings = settings

    async def issue(self, request: Request) -> Response:
        """``POST /v1/oauth2/token`` with the client's id and secret as basic credentials."""
        scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
        try:
            client, _, secret = base64.b64decode(credentials, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            client = secret = ""
        known = self._settings.merchants.get(client)
        right = known is not None and secrets.compare_digest(known.encode(), secret.encode())
        if (
            scheme.lower() != "basic"
            or not right
            or "client_credentials" not in (await request.body()).decode()
        ):
            return JSONResponse({"error": "invalid_client"}, 401)
        token, life = f"A21AA{new_id(40)}", self._settings.token_seconds
        until = self._ledger.now().timestamp() + life
        with self._ledger.transaction():
            self._ledger.put("token", token, {"merchant": client, "until": until})
        return JSONResponse({"access_token": token, "token_type": "Bearer", "expires_in": life})

    def books_of(self, request: Request) -> Books:
        """Raises ``Refusal`` 401."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        known = self._ledger.get("token", token)
        if scheme != "Bearer" or known is None or known["until"] <= self._ledger.now().timestamp():
            raise Refusal("INVALID_TOKEN", 401)
        return self.books(known["merchant"])

    def books(self, merchant: str) -> Books:
        return Books(self._ledger, merchant, self._settings.search_lag)

    def revoke_all(self) -> None:
        """Every access token ends at once, as at a provider that has lost them."""
        with self._ledger.transaction():
            self._ledger.remove_all("token")
