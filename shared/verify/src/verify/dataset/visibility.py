"""Whether a database role sees all rows: a table's row-level security would leave rows out in silence."""

from __future__ import annotations

from collections.abc import Mapping

from cli.database import connected
from cli.errors import StackError

HIDDEN = """
    SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND row_security_active(c.oid) AND NOT EXISTS (
        SELECT FROM pg_policy p
        WHERE p.polrelid = c.oid AND p.polpermissive AND p.polcmd IN ('*', 'r')
          AND pg_get_expr(p.polqual, p.polrelid) = 'true'
          AND (0 = ANY (p.polroles)
               OR EXISTS (SELECT FROM unnest(p.polroles) AS r WHERE r <> 0 AND pg_has_role(r, 'USAGE'))))
    ORDER BY 1
"""


async def check_visibility(databases: Mapping[str, str]) -> None:
    """Raises ``StackError`` if the role of a URL does not see all rows of a table."""
    for service, url in databases.items():
        async with connected(service, url) as connection:
            if hidden := await connection.fetch(HIDDEN):
                role = await connection.fetchval("SELECT current_user")
                raise StackError(
                    f"In the database of {service}, {role} does not see all rows of {hidden[0]['relname']}: "
                    "use the role of the service, or one with BYPASSRLS that may read all tables."
                )
