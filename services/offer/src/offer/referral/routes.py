"""The routes of referral programs, rules and overrides."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from fastapi import Response

from contracts.roles import ADMINS
from kernel.http.dependencies import Read, Write
from kernel.http.handlers import create, execute, remove, show
from kernel.http.lists import list_by_key, owners
from kernel.http.paging import Page, Paged
from kernel.http.requests import PathId
from kernel.http.route_tables import Route, RouteTable
from offer.referral.domain.errors import ReferralNotFound
from offer.referral.domain.override import ReferralOverride
from offer.referral.domain.program import ReferralProgram
from offer.referral.domain.rule import ReferralRule
from offer.referral.schemas.requests import (
    NewReferralProgram,
    NewReferralRule,
    ReferralOverrideBody,
    ReferralProgramChange,
    ReferralRuleChange,
)
from offer.referral.schemas.views import (
    ReferralOverrideView,
    ReferralProgramView,
    ReferralRuleView,
    show_override,
    show_program,
    show_rule,
)
from offer.referral.use_cases import overrides, programs, rules
from offer.referral.use_cases.overrides import SetOverride, find_override
from offer.referral.use_cases.programs import ChangeProgram, find_program
from offer.referral.use_cases.rules import ChangeRule, find_rule


async def create_referral_program(body: NewReferralProgram, write: Write) -> Response:
    """Create a referral program as a draft."""
    return await create(write, partial(programs.create_program, body.details()), show_program)


async def list_referral_programs(read: Read, paging: Paged) -> Response:
    """List referral programs, the oldest first."""
    return await list_by_key(read, paging, programs.LISTED, owners(ReferralProgram), show_program)


async def get_referral_program(program_id: PathId, read: Read) -> Response:
    """Get a referral program."""
    return await show(read, find_program, program_id, show_program)


async def change_referral_program(program_id: PathId, body: ReferralProgramChange, write: Write) -> Response:
    """Change the given fields; the others keep their values."""
    change = partial(programs.change_program, ChangeProgram(program_id, body.fields()))
    return await execute(write, find_program, program_id, change, show_program)


async def activate_referral_program(program_id: PathId, write: Write) -> Response:
    """Let the program give discounts inside its window."""
    activate = partial(programs.activate_program, program_id)
    return await execute(write, find_program, program_id, activate, show_program)


async def pause_referral_program(program_id: PathId, write: Write) -> Response:
    """Stop the program; it can be activated again."""
    pause = partial(programs.pause_program, program_id)
    return await execute(write, find_program, program_id, pause, show_program)


async def create_referral_rule(body: NewReferralRule, write: Write) -> Response:
    """Create a rule of a program."""
    return await create(write, partial(rules.create_rule, body.details()), show_rule)


async def list_referral_rules(read: Read, paging: Paged) -> Response:
    """List rules, the oldest first."""
    return await list_by_key(read, paging, rules.LISTED, owners(ReferralRule), show_rule)


async def get_referral_rule(rule_id: PathId, read: Read) -> Response:
    """Get a rule with the number of its uses."""
    return await show(read, find_rule, rule_id, show_rule)


async def change_referral_rule(rule_id: PathId, body: ReferralRuleChange, write: Write) -> Response:
    """Change the given fields; the others keep their values."""
    change = partial(rules.change_rule, ChangeRule(rule_id, body.fields(), body.stacking_fields()))
    return await execute(write, find_rule, rule_id, change, show_rule)


async def disable_referral_rule(rule_id: PathId, write: Write) -> Response:
    """Disable the rule for good."""
    return await execute(write, find_rule, rule_id, partial(rules.disable_rule, rule_id), show_rule)


async def set_referral_override(body: ReferralOverrideBody, write: Write) -> Response:
    """Set an override. It replaces the one of the same subject and target."""
    command = SetOverride(
        scope=body.scope,
        subject_id=body.subject_id,
        program_id=body.program_id,
        rule_id=body.rule_id,
        reward=body.reward.reward() if body.reward else None,
        block_referrals=body.block_referrals,
    )
    return await create(write, partial(overrides.set_override, command), show_override)


async def list_referral_overrides(read: Read, paging: Paged) -> Response:
    """List the overrides that are set."""
    return await list_by_key(read, paging, overrides.LISTED, owners(ReferralOverride), show_override)


async def get_referral_override(override_id: PathId, read: Read) -> Response:
    """Get an override."""
    return await show(read, find_override, override_id, show_override)


async def remove_referral_override(override_id: PathId, write: Write) -> Response:
    """Remove an override."""
    return await remove(write, find_override, override_id, partial(overrides.remove_override, override_id))


PROGRAMS, PROGRAM = "/v1/referral/programs", "/v1/referral/programs/{program_id}"
RULES, RULE = "/v1/referral/rules", "/v1/referral/rules/{rule_id}"
OVERRIDES, OVERRIDE = "/v1/referral/overrides", "/v1/referral/overrides/{override_id}"
NOT_FOUND = (ReferralNotFound,)
REMOVED: Mapping[int | str, Any] = {204: {"description": "The override is removed"}}
ROUTES = RouteTable(
    "referral programs",
    (
        Route("POST", PROGRAMS, create_referral_program, ADMINS, ReferralProgramView, status=201),
        Route("GET", PROGRAMS, list_referral_programs, ADMINS, Page[ReferralProgramView]),
        Route("GET", PROGRAM, get_referral_program, ADMINS, ReferralProgramView, NOT_FOUND),
        Route("PATCH", PROGRAM, change_referral_program, ADMINS, ReferralProgramView, NOT_FOUND),
        Route(
            *("POST", f"{PROGRAM}/activate", activate_referral_program, ADMINS, ReferralProgramView),
            refusals=NOT_FOUND,
        ),
        Route("POST", f"{PROGRAM}/pause", pause_referral_program, ADMINS, ReferralProgramView, NOT_FOUND),
        Route("POST", RULES, create_referral_rule, ADMINS, ReferralRuleView, NOT_FOUND, status=201),
        Route("GET", RULES, list_referral_rules, ADMINS, Page[ReferralRuleView]),
        Route("GET", RULE, get_referral_rule, ADMINS, ReferralRuleView, NOT_FOUND),
        Route("PATCH", RULE, change_referral_rule, ADMINS, ReferralRuleView, NOT_FOUND),
        Route("POST", f"{RULE}/disable", disable_referral_rule, ADMINS, ReferralRuleView, NOT_FOUND),
        Route("POST", OVERRIDES, set_referral_override, ADMINS, ReferralOverrideView, NOT_FOUND, status=201),
        Route("GET", OVERRIDES, list_referral_overrides, ADMINS, Page[ReferralOverrideView]),
        Route("GET", OVERRIDE, get_referral_override, ADMINS, ReferralOverrideView, NOT_FOUND),
        Route(
            *("DELETE", OVERRIDE, remove_referral_override, ADMINS, None, NOT_FOUND),
            status=204,
            responses=REMOVED,
        ),
    ),
)
