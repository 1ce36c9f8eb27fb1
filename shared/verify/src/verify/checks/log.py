"""Logs and topics: nothing is missing, out of order, or foreign."""

from verify.check import Check, ViolationQuery

NOT_PURGED = """
    NOT EXISTS (SELECT 1 FROM part p WHERE p.topic = l.topic AND p.part = partition_of(l.key, p.parts)
        AND p.begins > 0 AND l.recorded_at <= coalesce((
            SELECT max(r.recorded_at) FROM record r
            WHERE r.topic = p.topic AND r.part = p.part AND r.off = p.begins), 1e18))
"""

E1 = Check(
    "E1",
    "All rows that the relays have published are in the topics, within their retention.",
    "SELECT count(*) FROM log l JOIN relay_now r USING (service) WHERE r.intact AND l.position <= r.position",
    (
        ViolationQuery(
            "recorded, and not in its topic",
            f"""
            SELECT l.service, l.position, l.topic, l.type, l.stream_id, l.version, l.tenant
            FROM log l JOIN relay_now r USING (service)
            WHERE r.intact AND l.position <= r.position AND NOT EXISTS (
                SELECT 1 FROM record k WHERE k.stream_id = l.stream_id AND k.version = l.version
                AND k.topic = l.topic)
              AND {NOT_PURGED}
            """,  # noqa: S608  # a constant
        ),
    ),
)

E2 = Check(
    "E2",
    "A stream's facts first appear in its topic in order of version, without a gap.",
    "SELECT count(DISTINCT stream_id) FROM record WHERE kind = 'fact'",
    (
        ViolationQuery(
            "out of order, or behind a hole",
            """
            WITH first AS (
                SELECT topic, part, min(off) AS off, stream_id, version FROM record
                WHERE kind = 'fact' GROUP BY stream_id, version
            ), ordered AS (
                SELECT *, lag(version, 1, 0) OVER (PARTITION BY stream_id ORDER BY topic, part, off) AS before
                FROM first
            )
            SELECT o.topic, o.part, o.off AS "offset", o.stream_id, o.version, o.before
            FROM ordered o JOIN part p USING (topic, part)
            WHERE o.version <> o.before + 1 AND NOT (o.before = 0 AND p.begins > 0)
            """,
        ),
    ),
)

E3 = Check(
    "E3",
    "The versions of a stream are 1, 2, 3, …, each once, in one log alone; no two messages have one id.",
    "SELECT count(*) FROM log",
    (
        ViolationQuery(
            "versions with a hole, or twice",
            """
            SELECT service, stream_id, min(tenant) AS tenant, count(*) AS facts, min(version) AS first,
                   max(version) AS last
            FROM log GROUP BY service, stream_id
            HAVING count(*) <> max(version) OR min(version) <> 1 OR count(DISTINCT version) <> count(*)
            """,
        ),
        ViolationQuery(
            "one id for several messages",
            "SELECT message_id, count(*) AS messages FROM log GROUP BY message_id HAVING count(*) > 1",
        ),
        ViolationQuery(
            "one stream in several logs",
            """
            SELECT stream_id, count(DISTINCT service) AS logs FROM log
            GROUP BY stream_id HAVING count(DISTINCT service) > 1
            """,
        ),
    ),
)

OURS = "('/feira/cart', '/feira/offer', '/feira/checkout-saga')"

E4 = Check(
    "E4",
    "All records in the topics with our source are in a log, byte for byte.",
    "SELECT count(*) FROM record",
    (
        ViolationQuery(
            "in a topic, and in no log",
            f"""
            SELECT r.topic, r.part, r.off AS "offset", r.type, r.stream_id, r.version, r.tenant
            FROM record r
            WHERE r.kind <> 'unreadable' AND NOT r.came_later
              AND NOT (r.kind = 'command' AND r.source NOT IN {OURS})
              AND NOT EXISTS (SELECT 1 FROM log l WHERE l.stream_id = r.stream_id AND l.version = r.version)
            """,  # noqa: S608  # constants
        ),
        ViolationQuery(
            "a record of facts that cannot be read",
            """
            SELECT topic, part, off AS "offset", message_id AS reason FROM record
            WHERE kind = 'unreadable' AND topic LIKE '%.events'
            """,
        ),
        ViolationQuery(
            "other than what was recorded",
            """
            SELECT r.topic, r.part, r.off AS "offset", r.type, r.stream_id, r.version, r.tenant,
                   l.topic AS recorded_for, l.type AS recorded_type, l.tenant AS recorded_tenant,
                   l.digest = r.digest AS same_body
            FROM record r JOIN log l ON l.stream_id = r.stream_id AND l.version = r.version
            WHERE (r.message_id, r.topic, r.type, r.tenant, r.key, r.digest)
               <> (l.message_id, l.topic, l.type, l.tenant, l.key, l.digest)
            """,
        ),
    ),
)

CHECKS = (E1, E2, E3, E4)
