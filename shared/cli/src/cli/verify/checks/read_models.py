"""The read models, and whoever else reads topics: each has taken in every message once."""

from cli.verify.check import Breach, Check

SET_ASIDE = """
    SELECT m.name, p.topic, p.part, count(DISTINCT p.stream_id || '/' || p.version) AS facts
    FROM parked p JOIN read_model_type m ON m.type = p.type AND p.grp IN ('projections',
        'projections.' || m.name)
    WHERE p.service = 'projections' AND p.reason <> 'gap' AND (p.is_open OR p.resolution LIKE 'discard%')
    GROUP BY m.name, p.topic, p.part
"""

P1 = Check(
    "P1",
    "Each consumer has noted all that it has passed, and each read model has applied each of its facts once.",
    """
    SELECT count(*) FROM log l JOIN read_model_type m USING (type)
    JOIN seen s ON s.stream_id = l.stream_id AND s.grp = 'projections' WHERE l.version <= s.version
    """,
    (
        Breach(
            "passed over, and not noted",
            """
            SELECT p.service, p.grp, r.topic, r.part, r.stream_id, max(r.version) AS version,
                   coalesce(s.version, 0) AS noted
            FROM place_now p
            JOIN record r ON r.topic = p.topic AND r.part = p.part AND r.off < p.next_offset
              AND r.kind <> 'unreadable'
            JOIN log l ON l.stream_id = r.stream_id AND l.version = r.version
            LEFT JOIN seen s ON s.stream_id = r.stream_id AND s.grp = p.grp AND s.service = p.service
            WHERE NOT EXISTS (SELECT 1 FROM parked k WHERE k.grp = p.grp AND k.stream_id = r.stream_id
                              AND k.reason = 'gap' AND k.is_open)
            GROUP BY p.service, p.grp, r.stream_id HAVING coalesce(s.version, 0) < max(r.version)
            """,
        ),
        Breach(
            "applied more or less than once",
            f"""
            WITH wanted AS (
                SELECT m.name, l.topic, partition_of(l.key, p.parts) AS part, count(*) AS facts
                FROM log l JOIN read_model_type m USING (type)
                JOIN seen s ON s.stream_id = l.stream_id AND s.grp = 'projections'
                    AND s.service = 'projections'
                JOIN (SELECT topic, max(parts) AS parts FROM part GROUP BY topic) p ON p.topic = l.topic
                WHERE l.kind = 'fact' AND l.version <= s.version
                GROUP BY m.name, l.topic, part
            ), aside AS ({SET_ASIDE}), sides AS (
                SELECT name, topic, part FROM wanted UNION SELECT name, topic, part FROM read_model
            )
            SELECT s.name, s.topic, s.part, coalesce(a.applied_count, 0) AS applied,
                   coalesce(w.facts, 0) - coalesce(x.facts, 0) AS wanted, coalesce(x.facts, 0) AS set_aside
            FROM sides s LEFT JOIN wanted w USING (name, topic, part)
            LEFT JOIN read_model a USING (name, topic, part) LEFT JOIN aside x USING (name, topic, part)
            WHERE applied <> wanted AND s.name IN (SELECT name FROM read_model_type)
            """,  # noqa: S608  # a query of ours
        ),
        Breach(
            "applied beyond what was read",
            """
            SELECT m.name, m.topic, m.part, m.last_offset, p.next_offset FROM read_model m
            JOIN place_now p ON p.topic = m.topic AND p.part = m.part AND p.grp = 'projections'
            WHERE m.last_offset >= p.next_offset
            """,
        ),
    ),
)

CHECKS = (P1,)
