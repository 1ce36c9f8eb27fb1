"""Fold the unique keys of SKUs: they were claimed as typed, and are compared folded from now on.

Of several products whose SKUs are equal once folded, the oldest product takes the folded key. The others keep
their key as typed until their SKU is changed.
"""

from __future__ import annotations

from typing import Any

from yoyo import step

from contracts.text import folded

__depends__ = {"0005-tenants-apart"}

READ = "SELECT tenant, value, holder FROM claims WHERE kind = 'sku' ORDER BY holder"
INSERT = """
    INSERT INTO claims (tenant, kind, value, holder) VALUES (%s, 'sku', %s, %s) ON CONFLICT DO NOTHING
"""
DELETE = "DELETE FROM claims WHERE tenant = %s AND kind = 'sku' AND value = %s"
# forced row-level security applies to the table's owner, too, who has no policy
NO_FORCE, FORCE = (f"ALTER TABLE claims {it} ROW LEVEL SECURITY" for it in ("NO FORCE", "FORCE"))


# failpoint: none needed (migration), 4 calls
def fold(connection: Any) -> None:
    cursor = connection.cursor()
    cursor.execute(NO_FORCE)
    cursor.execute(READ)
    for tenant, value, holder in cursor.fetchall():
        key = folded(value)
        if key and key != value:
            cursor.execute(INSERT, (tenant, key, holder))
            if cursor.rowcount:
                cursor.execute(DELETE, (tenant, value))
    cursor.execute(FORCE)


step(fold)
