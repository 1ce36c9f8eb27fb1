"""`feira verify` sees all rows under a service's role, and refuses one from which some are hidden."""

from __future__ import annotations

import pytest

from cli.api_keys import create, revoke
from cli.errors import StackError
from cli.new_api_key import new_key
from devstack.databases import Database
from verify.dataset.visibility import check_visibility


async def test_the_role_of_a_service_sees_all_rows(schema: Database) -> None:
    await check_visibility({"it": schema.service_url})
    await check_visibility({"it": schema.superuser_url})


async def test_the_owner_is_refused_because_row_level_security_hides_rows_from_it(schema: Database) -> None:
    with pytest.raises(StackError, match="does not see all rows of"):
        await check_visibility({"it": schema.owner_url})


async def test_the_role_of_a_service_is_enough_to_make_and_end_keys(schema: Database) -> None:
    new = new_key("demo", "ops", "first key")
    databases = {"it": schema.service_url}

    assert (await create(databases, new)).state == "active"
    assert (await create(databases, new)).state == "active", "a repetition changes nothing"
    assert (await revoke(databases, new.key_id)).state == "revoked"
