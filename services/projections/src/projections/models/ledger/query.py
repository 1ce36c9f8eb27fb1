"""A page of GET /v1/analytics/ledger: the balances of all accounts, or the entries of one."""

from __future__ import annotations

BALANCES = """
    SELECT account, currency, sum(debit)::bigint AS debit, sum(credit)::bigint AS credit
    FROM analytics.ledger_entries
    WHERE tenant = $1 AND occurred_at >= $2::date::timestamp AT TIME ZONE 'UTC'
      AND occurred_at < $3::date::timestamp AT TIME ZONE 'UTC'
      AND ($4::text IS NULL OR (account, currency) > ($4, $5))
    GROUP BY account, currency ORDER BY account, currency LIMIT $6
"""
ENTRIES = """
    SELECT account, currency, debit, credit, type, occurred_at, checkout_id, stream_id, version
    FROM analytics.ledger_entries
    WHERE tenant = $1 AND occurred_at >= $2::date::timestamp AT TIME ZONE 'UTC'
      AND occurred_at < $3::date::timestamp AT TIME ZONE 'UTC' AND account = $4
      AND ($5::timestamptz IS NULL OR occurred_at < $5
           OR (occurred_at = $5 AND (stream_id > $6 OR (stream_id = $6 AND version < $7))))
    ORDER BY occurred_at DESC, stream_id, version DESC LIMIT $8
"""
"""Sorted like the index ``ledger_by_account``."""
