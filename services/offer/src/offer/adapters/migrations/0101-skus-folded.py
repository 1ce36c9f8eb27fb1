"""SKUs were claimed as typed; from now on by what they are compared by.

Of several that are the same by now, the oldest product's takes the name; the others keep their own, as typed,
until somebody changes them.
"""

from __future__ import annotations

from typing import Any

from yoyo import step

from contracts.text import folded

__depends__ = {"0005-tenants-apart"}

READ = "SELECT tenant, value, holder FROM claims WHERE kind = 'sku' ORDER BY holder"
TAKE = """
    INSERT INTO claims (tenant, kind, value, holder) VALUES (%s, 'sku', %s, %s) ON CONFLICT DO NOTHING
"""
LET_GO = "DELETE FROM claims WHERE tenant = %s AND kind = 'sku' AND value = %s"
# the owner of the table is under its row-level security like everybody, and has no policy
FREELY, AS_BEFORE = (f"ALTER TABLE claims {it} ROW LEVEL SECURITY" for it in ("NO FORCE", "FORCE"))


# failpoint: none needed (migration), 4 calls
def fold(connection: Any) -> None:
    cursor = connection.cursor()
    cursor.execute(FREELY)
    cursor.execute(READ)
    for tenant, value, holder in cursor.fetchall():
        key = folded(value)
        if key and key != value:
            cursor.execute(TAKE, (tenant, key, holder))
            if cursor.rowcount:
                cursor.execute(LET_GO, (tenant, value))
    cursor.execute(AS_BEFORE)


step(fold)
