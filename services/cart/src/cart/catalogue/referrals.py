"""What the rows of ``referral_statement`` mean."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from contracts.referral_override import Set as Override
from contracts.referral_program import ProgramDetails
from contracts.referral_rule import RuleDetails
from pricing.referral_candidates import Attribution, Candidate, Program, Uses


def candidate_of(row: asyncpg.Record) -> Candidate:
    data = row["data"]
    rule, program, attribution = data["rule"], data["program"], data["attribution"]
    uses = data["uses"] or {}
    program_id = UUID(data["program_id"])
    return Candidate(
        rule_id=row["id"],
        rule=RuleDetails.read(rule["details"]),
        program=Program(program_id, ProgramDetails.read(program["details"]), program.get("is_active", False)),
        attribution=Attribution(
            attribution_id=UUID(data["attribution_id"]),
            program_id=program_id,
            referee_id=row["key"],
            referrer_id=attribution["referrer_id"],
            confirmed_at=_time(attribution.get("confirmed_at")),
        ),
        overrides=[
            Override.model_validate(it, extra="ignore", strict=False) for it in data["overrides"] or ()
        ],
        uses=Uses(
            total=_count(uses, "total"),
            of_referrer=_count(uses, "referrer"),
            of_referee=_count(uses, "referee"),
            last_redeemed_at=_time(uses.get("referee", {}).get("at")),
        ),
        is_disabled=rule.get("is_disabled", False),
    )


def _override(word: Mapping[str, Any]) -> Override:
    return Override.model_validate(word, extra="ignore", strict=False)


def _count(uses: Mapping[str, Any], scope: str) -> int:
    count: int = uses.get(scope, {}).get("uses", 0)
    return count


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
