"""The keys of PostgreSQL's advisory locks, in one place, so that no two purposes share one."""

LOG_APPEND = 7001
"""Held from the first append to the commit, so that positions are in commit order; the log's trigger takes
it, too (``0001-log.sql``)."""
MIGRATION = 7002
RELAY_LEADER = 7003
RETENTION = 7004
PROJECTION_RUNS = 7005
"""First key of the leases of runs; the second is the hash of the read model's name."""
ERASED_SUBJECTS = 7006
"""First key of the locks between the erasure of subjects and the copies of facts about them; the second is a
part of the hashes of their ids."""
COUNTED_VALUES = 7007
"""First key of the locks of values under which something is counted and added; the second is a part of the
value's hash."""
