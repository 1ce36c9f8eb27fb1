"""Referral programs, rules, attributions and overrides over HTTP: what is not there."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

ABSENT = "01980000-0000-7000-8000-00000000a85e"
"""Of nothing. Constant, as all processes of a run must collect the same tests."""
PROGRAM, RULE = f"/v1/referral/programs/{ABSENT}", f"/v1/referral/rules/{ABSENT}"
ATTRIBUTION, OVERRIDE = f"/v1/referral/attributions/{ABSENT}", f"/v1/referral/overrides/{ABSENT}"
PEOPLE = {"referee_id": "ann", "referrer_id": "bob"}
BLOCK = {"scope": "user", "subject_id": "ann", "block_referrals": True}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", PROGRAM, None),
        ("PATCH", PROGRAM, {"name": "Friends"}),
        ("POST", f"{PROGRAM}/activate", None),
        ("POST", f"{PROGRAM}/pause", None),
        ("POST", "/v1/referral/rules", {"program_id": ABSENT, "trigger": "signup"}),
        ("GET", RULE, None),
        ("PATCH", RULE, {"cooldown_days": 30}),
        ("POST", f"{RULE}/disable", None),
        ("POST", "/v1/referral/attributions", {"program_id": ABSENT, **PEOPLE}),
        ("GET", ATTRIBUTION, None),
        ("POST", f"{ATTRIBUTION}/confirm", None),
        ("POST", f"{ATTRIBUTION}/revoke", None),
        ("POST", "/v1/referral/overrides", {"program_id": ABSENT, **BLOCK}),
        ("POST", "/v1/referral/overrides", {"rule_id": ABSENT, **BLOCK}),
        ("GET", OVERRIDE, None),
        ("DELETE", OVERRIDE, None),
    ],
)
async def test_what_is_not_there_is_said_to_be_no_referral_of_the_shop(
    admin: httpx.AsyncClient, method: str, path: str, body: dict[str, Any] | None
) -> None:
    missing = await admin.request(method, path, json=body)
    assert (missing.status_code, missing.json()["code"]) == (404, "REFERRAL_NOT_FOUND")
