"""What the two roles of a service's database may be, and a query that finds where they are more or less.

The service's role has the database's name; the callers' role, with ``_caller`` behind it, is what it switches
to when it reads for a caller. Row-level security parts the tenants; it limits no superuser and no owner.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ROLES_QUERY = """
    WITH service AS (SELECT * FROM pg_roles WHERE rolname = current_database()),
         caller AS (SELECT * FROM pg_roles WHERE rolname = current_database() || '_caller'),
         both_roles AS (SELECT * FROM service UNION ALL SELECT * FROM caller),
         membership AS (SELECT m.inherit_option, m.set_option FROM pg_auth_members m, service, caller
                        WHERE m.roleid = caller.oid AND m.member = service.oid)
    SELECT current_database() AS database,
           EXISTS (SELECT FROM service) AS has_service,
           EXISTS (SELECT FROM caller) AS has_caller,
           (SELECT string_agg(rolname, ', ' ORDER BY rolname) FROM both_roles WHERE rolsuper) AS superusers,
           (SELECT string_agg(rolname, ', ' ORDER BY rolname) FROM both_roles
            WHERE rolbypassrls) AS bypassing,
           (SELECT string_agg(rolname, ', ' ORDER BY rolname) FROM both_roles
            WHERE EXISTS (SELECT FROM pg_class WHERE relowner = both_roles.oid)
               OR EXISTS (SELECT FROM pg_database d WHERE d.datdba = both_roles.oid
                          AND d.datname = current_database())) AS owners,
           (SELECT string_agg(b.rolname, ', ' ORDER BY b.rolname) FROM both_roles b, pg_database d
            WHERE d.datname = current_database() AND b.oid <> d.datdba AND NOT b.rolsuper
              AND pg_has_role(b.oid, d.datdba, 'MEMBER')) AS members_of_owner,
           (SELECT rolname FROM caller WHERE rolcanlogin) AS caller_with_login,
           (SELECT bool_or(inherit_option) FROM membership) AS inherits,
           (SELECT bool_or(set_option) FROM membership) AS sets
"""


def role_faults(found: Mapping[str, Any]) -> list[str]:
    """One sentence for each fault in a row of ``ROLES_QUERY``; empty: the roles are fit."""
    service = found["database"]
    caller = f"{service}_caller"
    missing = [name for name, there in ((service, "has_service"), (caller, "has_caller")) if not found[there]]
    if missing:
        return [f"The role {it} does not exist." for it in missing]
    sentences = {
        "superusers": "Superusers see the rows of every tenant, and these roles must not be any: {}.",
        "bypassing": "BYPASSRLS shows the rows of every tenant; these roles must not have it: {}.",
        "owners": "An owner can change the log; these roles must own neither the database nor a table: {}.",
        "members_of_owner": "A member of the owner can change the log; these roles must not be members: {}.",
        "caller_with_login": "The callers' role must be NOLOGIN: {}.",
    }
    faults = [sentence.format(found[name]) for name, sentence in sentences.items() if found[name]]
    if found["sets"] is None:
        faults.append(f"{service} is no member of {caller}: GRANT {caller} TO {service} WITH INHERIT FALSE.")
    elif found["inherits"]:
        faults.append(
            f"{service} inherits the rights of {caller} at all times: GRANT {caller} TO {service}"
            " WITH INHERIT FALSE, or create the service's role NOINHERIT before the grant."
        )
    elif not found["sets"]:
        faults.append(f"{service} cannot switch to {caller}: GRANT {caller} TO {service} WITH SET TRUE.")
    return faults
