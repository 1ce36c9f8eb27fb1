"""What is shown of an API key, and never its hash: for the services and for the operator's commands."""

from __future__ import annotations

ID_DIGITS = 12
"""The first digits of a key's hash are its id."""
COLUMNS = f"""
    left(key_hash, {ID_DIGITS}) AS key_id, tenant, role, name, created_at, expires_at,
    CASE WHEN revoked_at IS NOT NULL THEN 'revoked' WHEN expires_at IS NULL THEN 'active'
         WHEN expires_at > now() THEN 'ending' ELSE 'expired' END AS state
"""
