"""The keys of PostgreSQL's advisory locks, side by side, so that no two purposes share one."""

LOG_APPEND = 7001
"""Positions are drawn in commit order; the log's trigger takes it as well (``0001-log.sql``)."""
MIGRATION = 7002
RELAY_LEADER = 7003
RETENTION = 7004
