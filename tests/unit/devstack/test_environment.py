"""A process of the stack gets the variables that its program declares, and those that any program needs."""

from __future__ import annotations

from devstack.environment import declared_variables, inherited
from devstack.services import MIGRATION, SERVICES

FROM_OUTSIDE = {
    "PATH": "/bin",
    "LC_ALL": "C.UTF-8",
    "TZ": "UTC",
    "FEIRA_POSTGRES": "postgresql://root:hush@db/postgres",
    "FEIRA_MASTER_KEY": "hush",
    "FEIRA_LOG_LEVEL": "debug",
    "PGPASSWORD": "hush",
    "SOMEBODYS_TOKEN": "hush",
}


def test_only_machine_and_declared_variables_are_inherited() -> None:
    assert inherited({"FEIRA_LOG_LEVEL"}, FROM_OUTSIDE) == {
        "PATH": "/bin",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "FEIRA_LOG_LEVEL": "debug",
    }


def test_the_master_key_is_declared_by_checkouts_alone_and_the_owners_url_by_migrations_alone() -> None:
    read = {it.name: declared_variables(it.settings) for it in SERVICES}
    assert [name for name, it in read.items() if "FEIRA_MASTER_KEY" in it] == ["checkout-saga"]
    assert [name for name, it in read.items() if "FEIRA_LINK_KEY" not in it] == ["offer", "gateway"]
    assert [name for name, it in read.items() if "FEIRA_GATEWAY_SECRET" in it] == ["checkout-saga", "gateway"]
    owners = {"FEIRA_MIGRATION_URL", "FEIRA_MIGRATION_PASSWORD"}
    assert not any(owners & it for it in read.values())
    assert declared_variables(MIGRATION) == owners | {"FEIRA_ENV", "FEIRA_LOG_LEVEL", "FEIRA_INSTANCE"}
    assert all("FEIRA_FAILPOINTS" in it for it in read.values())
