"""Every table of every database keeps tenants apart, or is listed below with the reason why it need not."""

from __future__ import annotations

import asyncpg

from devstack.databases import Database

NOT_READ_FOR_CALLERS = {
    "log": "COPY refuses a table under it; callers have no right to it and read log_for_callers",
    "timers": "read by the timers' loop alone, over all tenants",
    "relay_cursor": "one row: the relay's cursor",
    "consumer_offset": "offsets of consumers: no tenant's",
    "consumer_seen": "versions by stream, for consumers alone",
    "consumer_behind": "versions by stream, for consumers alone",
    "api_keys": "read to authenticate callers",
    "kept_secrets": "the service's own, wrapped",
    "checkout_rates": "read by the limit of starts alone, on connections of the service",
    "refused_codes": "read by the limit of guessing alone, on connections of the service",
    "refused_requests": "read for the locks of carts alone, on connections of the service",
    "webhook": "written with what a webhook changes, and read for no caller",
    "webhook_refusal": "written with what a webhook changes, and read for no caller",
    "read_model_state": "checkpoints: no tenant's",
    "read_model": "which version of each read model is live: no tenant's",
    "read_model_run": "runs over all tenants; of the rows that differ the service shows each tenant its own",
    "analyst_login": "the tenant of each login of an analyst, read by the function my_tenant alone",
    "verification": "results of feira verify, over all tenants: counts without rows of theirs",
    "repricing": "read by the repricing loop alone, over all tenants",
    "cart_holding": "read by the repricing loop alone, over all tenants",
    "cart_holding_place": "how far cart_holding follows the log: no tenant's",
    "product_list_place": "how far product_list follows the log: no tenant's",
    "offer_list_place": "how far offer_list follows the log: no tenant's",
    "promotion_list_place": "how far promotion_list follows the log: no tenant's",
    "experiment_counts_place": "how far experiment_counts follows the log: no tenant's",
    "document_numbers": "written with what draws numbers, and read for no caller",
    "subscription_list_place": "how far subscription_list follows the log: no tenant's",
    "invoice_list_place": "how far invoice_list follows the log: no tenant's",
    "order_list_place": "how far order_list follows the log: no tenant's",
    "unpaid_exposures": "read by the consumer of orders alone, over all tenants",
    "call_count": "the gateway's own counter of calls",
    "operation_number": "a counter",
    "clock_move": "the last move of the stack's clock: no tenant's",
    "_yoyo_log": "the migrations' own",
    "_yoyo_migration": "the migrations' own",
    "_yoyo_version": "the migrations' own",
    "yoyo_lock": "the migrations' own",
}
OWNERS_RIGHTS = {
    "move_clock": "moves the clock of a stack forwards; refuses in production",
    "zero_clock": "the same, back to the machine's time",
}
"""Functions that run with their owner's rights: these change the one row of the table `clock`."""
FOR_ANALYSTS = {
    "my_tenant": "tells a login its own tenant",
    "feira_now": "tells the time",
}
"""The same, in the schema `analytics` of the projections."""
OPEN_TO_ALL = {"clock": "the time: no tenant's"}

TABLES = """
    SELECT c.relname AS name, c.relrowsecurity AND c.relforcerowsecurity AS forced,
           has_table_privilege($1, c.oid, 'SELECT') AS readable,
           has_table_privilege($1, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE') AS writable,
           ARRAY(SELECT pg_get_expr(p.polqual, p.polrelid) FROM pg_policy p
                 WHERE p.polrelid = c.oid AND (0 = ANY(p.polroles) OR r.oid = ANY(p.polroles))) AS policies
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, pg_roles r
    WHERE r.rolname = $1 AND c.relkind IN ('r', 'p', 'm', 'f')
      AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_'
    ORDER BY 1
"""
VIEWS = """
    SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'v' AND n.nspname NOT IN ('pg_catalog', 'information_schema')
      AND NOT coalesce('security_invoker=true' = ANY(c.reloptions), false)
      AND NOT (n.nspname = 'analytics' AND coalesce('security_barrier=true' = ANY(c.reloptions), false))
"""
"""Those of `analytics` read with the rights of their owner, which is under row-level security itself: the
logins of analysts have no right to a table."""
DEFINERS = """
    SELECT p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE p.prosecdef AND n.nspname NOT IN ('pg_catalog', 'information_schema')
"""
ROLES = """
    SELECT r.rolname AS name, r.rolsuper OR r.rolbypassrls OR r.rolcreaterole OR r.rolcreatedb AS privileged,
           r.rolcanlogin AS login, pg_has_role(r.oid, d.datdba, 'USAGE') AS owner,
           EXISTS (SELECT FROM pg_class c WHERE c.relowner = r.oid) AS owns
    FROM pg_roles r, pg_database d
    WHERE d.datname = current_database() AND r.rolname IN (d.datname, d.datname || '_caller')
"""
POLICY = "({} = NULLIF(current_setting('feira.tenant'::text, true), ''::text))"
NO_TENANT = "((tenant IS NULL) AND (current_setting('feira.tenant'::text, true) <> ''::text))"
OF_THE_GATEWAY = ("payment", "operation", "fee", "dispute")
RULES = {it: [POLICY.format("merchant")] for it in OF_THE_GATEWAY} | {
    "parked": [POLICY.format("tenant"), NO_TENANT]
}
"""Policies that are not simply the tenant's; an unreadable record belongs to no tenant."""


async def unguarded(connection: asyncpg.Connection[asyncpg.Record], caller: str) -> dict[str, str]:
    """Tables without the protection they need, and what is wrong with each."""
    found = {}
    for table in await connection.fetch(TABLES, caller):
        name, policies = table["name"], table["policies"]
        if table["writable"]:
            found[name] = "the callers' role may write it"
        elif name in OPEN_TO_ALL:
            continue
        elif name in NOT_READ_FOR_CALLERS:
            if table["readable"]:
                found[name] = "is listed as not read for callers, but can be"
        elif not table["forced"]:
            found[name] = "has no row-level security and is not on the list"
        elif sorted(policies) != sorted(RULES.get(name, [POLICY.format("tenant")])):
            found[name] = f"lets callers see rows by another rule: {policies}"
    return found


async def test_every_table_keeps_tenants_apart_or_is_not_read_for_callers(
    schema: Database, superuser: asyncpg.Connection[asyncpg.Record]
) -> None:
    assert await unguarded(superuser, f"{schema.name}_caller") == {}


async def test_a_new_unguarded_table_is_found_in_any_schema(
    schema: Database, superuser: asyncpg.Connection[asyncpg.Record]
) -> None:
    """The control of the check above: each kind of mistake, planted."""
    caller = f"{schema.name}_caller"
    transaction = superuser.transaction()
    await transaction.start()
    await superuser.execute("CREATE SCHEMA elsewhere; CREATE TABLE elsewhere.forgotten (tenant text)")
    await superuser.execute("CREATE TABLE half (tenant text); ALTER TABLE half ENABLE ROW LEVEL SECURITY")
    await superuser.execute(
        "CREATE TABLE wide (tenant text); CREATE POLICY everybody ON wide USING (true);"
        "ALTER TABLE wide ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY"
    )
    await superuser.execute(f"GRANT SELECT ON api_keys TO {caller}; GRANT INSERT ON clock TO {caller}")

    found = await unguarded(superuser, caller)

    await transaction.rollback()
    assert found.keys() == {"forgotten", "half", "wide", "api_keys", "clock"}


async def test_no_view_and_only_the_listed_functions_run_with_their_owners_rights(
    superuser: asyncpg.Connection[asyncpg.Record],
) -> None:
    assert await superuser.fetch(VIEWS) == []
    found = {row["proname"] for row in await superuser.fetch(DEFINERS)}
    assert found - FOR_ANALYSTS.keys() == OWNERS_RIGHTS.keys()


async def test_no_role_of_a_service_bypasses_row_level_security(
    superuser: asyncpg.Connection[asyncpg.Record],
) -> None:
    roles = {row["name"]: row for row in await superuser.fetch(ROLES)}

    assert len(roles) == 2
    assert not any(it["privileged"] or it["owner"] or it["owns"] for it in roles.values())
    assert [it["login"] for _, it in sorted(roles.items())] == [True, False], (
        "the callers' role cannot log in"
    )
