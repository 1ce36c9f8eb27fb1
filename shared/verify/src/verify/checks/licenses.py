"""Team licences, certificates and files: no more is taken of them than there is."""

from verify.check import Check, ViolationQuery

F5 = Check(
    "F5",
    "A licence has no more seats offered and accepted than it has; an open invitation has a timer.",
    "SELECT count(*) FROM log WHERE type = 'license.created'",
    (
        ViolationQuery(
            "more seats taken than there are",
            """
            SELECT c.tenant, c.stream_id AS license_id,
                   sum(CASE WHEN f.type = 'license.seat_invited' THEN 1
                            WHEN f.type IN ('license.seat_revoked', 'license.seat_expired') THEN -1
                            ELSE 0 END) AS taken,
                   coalesce((SELECT json_extract(s.body, '$.seats') FROM log s
                             WHERE s.stream_id = c.stream_id AND s.type = 'license.seats_changed'
                             ORDER BY s.version DESC LIMIT 1), json_extract(c.body, '$.seats')) AS seats
            FROM log c JOIN log f ON f.stream_id = c.stream_id
            WHERE c.type = 'license.created' GROUP BY c.tenant, c.stream_id HAVING taken > seats
            """,
        ),
        ViolationQuery(
            "more open invitations than timers that end them",
            """
            WITH waiting AS (
                SELECT i.tenant, count(*) AS invitations FROM log i WHERE i.type = 'license.seat_invited'
                  AND NOT EXISTS (
                    SELECT 1 FROM log e WHERE e.stream_id = i.stream_id
                    AND e.type IN ('license.seat_accepted', 'license.seat_revoked', 'license.seat_expired')
                    AND json_extract(e.body, '$.number') = json_extract(i.body, '$.number'))
                GROUP BY i.tenant
            )
            SELECT w.tenant, w.invitations, count(t.subject) AS timers FROM waiting w
            LEFT JOIN timer t ON t.tenant = w.tenant AND t.kind = 'seat_invitation'
            GROUP BY 1, 2 HAVING count(t.subject) < w.invitations
            """,
        ),
    ),
)
F6 = Check(
    "F6",
    "A certification has one certificate, and no code is of two.",
    "SELECT count(*) FROM log WHERE type = 'certification.issued'",
    (
        ViolationQuery(
            "a second certificate, or one after it was revoked",
            """
            SELECT i.tenant, i.stream_id AS certification_id FROM log i JOIN log b
                ON b.stream_id = i.stream_id AND b.version < i.version
                AND b.type IN ('certification.issued', 'certification.revoked')
            WHERE i.type = 'certification.issued'
            """,
        ),
        ViolationQuery(
            "a code of two certificates",
            """
            SELECT min(tenant) AS tenant, json_extract(body, '$.code') AS code, count(*) AS certificates
            FROM log WHERE type = 'certification.issued' GROUP BY 2 HAVING count(*) > 1
            """,
        ),
    ),
)
F7 = Check(
    "F7",
    "A file is fetched no more often than granted, and not after it was taken back.",
    "SELECT count(*) FROM log WHERE type = 'download.granted'",
    (
        ViolationQuery(
            "fetched more often than granted",
            """
            SELECT g.tenant, g.stream_id AS grant_id, count(*) AS used, json_extract(g.body, '$.uses') AS uses
            FROM log g JOIN log u ON u.stream_id = g.stream_id AND u.type = 'download.used'
            WHERE g.type = 'download.granted' GROUP BY 1, 2 HAVING used > uses
            """,
        ),
        ViolationQuery(
            "fetched after it was taken back",
            """
            SELECT u.tenant, u.stream_id AS grant_id FROM log u JOIN log r
                ON r.stream_id = u.stream_id AND r.type = 'download.revoked' AND r.version < u.version
            WHERE u.type = 'download.used'
            """,
        ),
    ),
)
CHECKS = (F5, F6, F7)
