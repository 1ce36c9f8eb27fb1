"""Authentication of another program by a secret that both have from their settings."""

from __future__ import annotations

from secrets import compare_digest
from typing import Annotated, Any

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from kernel.http.problems import Problem

BEARER = HTTPBearer(auto_error=False, scheme_name="secret", description="Shared with the one client.")


def holds_secret(secret: str) -> Any:
    """A dependency. Raises a ``Problem`` unless the request has this secret as its bearer token."""

    async def authenticate(bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)]) -> None:
        if bearer is None or not compare_digest(bearer.credentials.encode(), secret.encode()):
            headers = {"WWW-Authenticate": "Bearer"}
            raise Problem(401, "UNAUTHENTICATED", "The shared secret is required.", headers=headers)

    return Depends(authenticate)
