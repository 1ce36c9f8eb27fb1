# ruff: noqa: S608 - statements put together of our own words
"""Cases that look like violations and are none: work in progress, and rows deleted by retention."""

from typing import NamedTuple

from tests.end_to_end.verify.plants import (
    ABSENT,
    DEADLINES,
    FAR_AHEAD,
    LONG_AGO,
    WAITING,
    WITHOUT_DEADLINE_TIMERS,
    added_last,
    moved_deadline,
    rewritten,
)

HOLD = f"SELECT stream_id FROM log WHERE type = 'reservation.made' AND checkout_id = ({WAITING})"


class Case(NamedTuple):
    what: str
    counted: str
    """The name under which it is reported as in progress, if it is."""
    sql: str


CASES = (
    Case("a relay that is far behind", "unpublished", "UPDATE relay SET position = 0; DELETE FROM record;"),
    Case(
        "a broker that was emptied and not filled again yet",
        "unpublished",
        "UPDATE broker SET cluster_id = 'new'; UPDATE part SET ends = 0; DELETE FROM record;",
    ),
    Case(
        "topics that were emptied under the same broker",
        "unpublished",
        "UPDATE part SET ends = 0; DELETE FROM record;",
    ),
    Case(
        "commands that are no longer kept",
        "",
        """
        DELETE FROM record WHERE kind = 'command';
        UPDATE part SET begins = ends WHERE topic LIKE '%.commands';
        """,
    ),
    Case(
        "commands that no service has read yet",
        "commands",
        """
        DELETE FROM seen WHERE stream_id IN (SELECT stream_id FROM log WHERE kind = 'command');
        UPDATE place SET next_offset = 0 WHERE topic LIKE '%.commands';
        """,
    ),
    Case(
        "facts that the read models have not read yet",
        "facts_for_read_models",
        "DELETE FROM seen WHERE service = 'projections'; DELETE FROM read_model; DELETE FROM product_revenue;"
        "UPDATE place SET next_offset = 0 WHERE service = 'projections';",
    ),
    Case(
        "a command of another producer",
        "commands_of_others",
        f"""
        INSERT INTO record SELECT topic, part, 1000000, kind, {ABSENT}, 1, {ABSENT}, {ABSENT}, tenant, type,
               '/somebody/else', generation, recorded_at, digest, 0
        FROM record WHERE kind = 'command' LIMIT 1;
        """,
    ),
    Case(
        "a record of what was recorded after the log was read",
        "",
        f"""
        INSERT INTO record SELECT topic, part, 1000000, kind, {ABSENT}, 1, {ABSENT}, {ABSENT}, tenant, type,
               source, generation, recorded_at, digest, 1 FROM record WHERE type = 'order.paid' LIMIT 1;
        """,
    ),
    Case(
        "a record that came twice",
        "",
        """
        INSERT INTO record SELECT topic, part, 1000000, kind, stream_id, version, message_id, key, tenant,
               type, source, generation, recorded_at, digest, 0
        FROM record WHERE type = 'order.created' LIMIT 1;
        """,
    ),
    Case(
        "a parked fact that a read model has not applied",
        "parked",
        """
        INSERT INTO parked SELECT 'projections', 1, 'projections.products', topic, part, off, tenant, type,
               stream_id, version, 'failed', 1, NULL, message_id
        FROM record WHERE type = 'order.paid' LIMIT 1;
        UPDATE read_model SET applied_count = applied_count - 1 WHERE name = 'products'
            AND (topic, part) = (SELECT topic, part FROM parked);
        """,
    ),
    Case(
        "a stranger's record that was discarded, ours applied in its place",
        "",
        """
        INSERT INTO parked SELECT 'projections', 1, 'projections.products', topic, part, off, tenant, type,
               stream_id, version, 'failed', 0, 'discarded', 'of a stranger'
        FROM record WHERE type = 'order.paid' LIMIT 1;
        """,
    ),
    Case(
        "a checkout that is past its first deadline, which was moved",
        "",
        rewritten("$.expires_at", LONG_AGO, f"type IN {DEADLINES} AND stream_id = ({WAITING})")
        + moved_deadline(FAR_AHEAD)
        + WITHOUT_DEADLINE_TIMERS,
    ),
    Case(
        "units that are held beyond their first time, which was extended",
        "",
        rewritten("$.expires_at", LONG_AGO, f"type = 'reservation.made' AND checkout_id = ({WAITING})")
        + added_last("reservation.extended", HOLD, f"json_object('expires_at', {FAR_AHEAD})")
        + "DELETE FROM timer WHERE kind = 'reservation_expiry';",
    ),
)
