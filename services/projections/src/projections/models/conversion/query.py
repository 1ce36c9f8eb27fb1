"""The answer of GET /v1/analytics/conversion."""

from __future__ import annotations

from projections.models.conversion.model import CONVERSION

PAGE = f"""
    SELECT day, currency, checkouts, completed, ordered, revenue FROM {CONVERSION.table}
    WHERE tenant = $1 AND day >= $2 AND day < $3
      AND ($4::date IS NULL OR day < $4 OR (day = $4 AND currency > $5))
      AND (checkouts, completed, revenue) <> (0, 0, 0)
    ORDER BY day DESC, currency LIMIT $6
"""  # noqa: S608  # the table's name is a constant
