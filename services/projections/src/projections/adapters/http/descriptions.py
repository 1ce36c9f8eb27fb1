"""What the names in the interface of the read models mean, each with an example."""

from collections.abc import Mapping
from types import MappingProxyType

from kernel.http.words import Word, euros

DESCRIPTION = "Measures about what was sold, made of the facts of all services, and how far they are."

_DIFFERENCE = {"table": "conversion", "live": {"checkouts": 9}, "rebuilt": {"checkouts": 10}}


WORDS: Mapping[str, Word] = MappingProxyType(
    {
        "Conversion": Word("How many checkouts of a day were completed, and what that brought in."),
        "from": Word("A date, or a time by RFC 3339. Included.", "2026-03-01"),
        "to": Word(
            "A date, or a time by RFC 3339. A time is not included; of a date the whole day is.", "2026-03-31"
        ),
        "day": Word("The day in UTC.", "2026-03-01"),
        "checkouts": Word("How many were begun on that day.", 20),
        "completed": Word("How many of those were completed.", 15),
        "rate": Word("The part of them that was completed: from 0 to 1, null where none was begun.", 0.75),
        "revenue": Word("What was captured less what was refunded, each on its own day.", euros(150000)),
        "average_order_value": Word("Of the orders that came of that day's checkouts.", euros(10000)),
        "ProductPerformance": Word("How well a product sells."),
        "product_id": Word("The product.", "019a2b3c-0002-7000-8000-000000000002"),
        "sku": Word("The product's number at its latest sale.", "MUG-1"),
        "ProductPerformance.name": Word("The product's name at its latest sale.", "Mug"),
        "times_sold": Word("In how many orders.", 12),
        "quantity": Word("How many units.", 15),
        "average_item_value": Word("Revenue by unit.", euros(10000)),
        "CheckoutOperations": Word("How checkouts are running."),
        "in_flight": Word("How many have not ended.", 3),
        "stuck": Word("How many of those are late.", 0),
        "oldest_open_seconds": Word("How old the oldest of them is; null where there is none.", 2),
        "failures": Word("Why checkouts failed."),
        "Failure": Word("How often checkouts failed in one way."),
        "Failure.phase": Word("The step at hand.", "authorize_payment"),
        "Failure.code": Word("Why.", "PAYMENT_DECLINED"),
        "count": Word("How many.", 4),
        "compensations": Word("What had to be taken back."),
        "Compensation": Word("How often one step was taken back."),
        "step": Word("The step.", "reserve_stock"),
        "duration_ms": Word("How long completed checkouts took."),
        "Durations": Word("Milliseconds from the start to the completion; null where nothing was completed."),
        "p50": Word("So long took half of them at most.", 180),
        "p95": Word("So long took 95 of 100 at most.", 420),
        "p99": Word("So long took 99 of 100 at most.", 900),
        "histogram": Word("How many took at most so long."),
        "Bucket": Word("How many took at most so long."),
        "le": Word("Milliseconds; null: without a limit.", 250),
        "Projection": Word("A read model, and how far it is."),
        "ProjectionInFull": Word("A read model, how far it is, and its latest run."),
        "name": Word("The read model.", "conversion"),
        "Projection.version": Word("Of the code that answers.", 1),
        "ProjectionInFull.version": Word("Of the code that answers.", 1),
        "Projection.state": Word(
            "live, catching_up, parked, rebuilding, outdated, failed or unknown.", "live"
        ),
        "ProjectionInFull.state": Word(
            "live, catching_up, parked, rebuilding, outdated, failed or unknown.", "live"
        ),
        "types": Word("The facts that it is made of.", ["checkout.started", "checkout.completed"]),
        "Projection.position": Word("By topic, how many records it is past.", {"checkout.events": 4711}),
        "ProjectionInFull.position": Word(
            "By topic, how many records it is past.", {"checkout.events": 4711}
        ),
        "lag": Word("How far it is behind."),
        "Delay": Word("How far a read model is behind; null where the broker cannot be asked."),
        "events": Word("How many records.", 0),
        "seconds": Word("How long the oldest of them has waited.", 0.0),
        "applied": Word("How many records were applied.", 4000),
        "parked": Word("How many records wait for an operator.", 0),
        "updated_at": Word("When a record was last applied.", "2026-03-01T12:00:00Z"),
        "partitions": Word("The same by partition."),
        "Part": Word("How far a read model is in one partition."),
        "Part.position": Word("The offset of the next record.", 800),
        "end": Word("The offset behind the last record; null where the broker cannot be asked.", 800),
        "first_offset": Word("The first record that was applied.", 0),
        "last_offset": Word("The last record that was applied.", 799),
        "digest": Word("Over all records that were applied.", "9f86d081"),
        "run": Word("The latest rebuild or verification."),
        "Run": Word("A rebuild or a verification."),
        "run_id": Word("The run.", "019a2b3c-0008-7000-8000-000000000001"),
        "kind": Word("rebuild or verify.", "verify"),
        "Run.state": Word("running, completed or failed.", "completed"),
        "Run.phase": Word("What it is at.", "done"),
        "Run.version": Word("Of the code that builds it.", 1),
        "attempts": Word("More than 1: its process died, and it was begun again.", 1),
        "events_done": Word("How many records are done.", 4711),
        "events_total": Word("How many there are.", 4711),
        "set_aside": Word("Records that were left out, because they are parked or discarded.", 0),
        "differences": Word("How many rows differed, of all tenants; null until they were compared.", 1),
        "sample": Word("Some rows that differed, of the caller's tenant.", [_DIFFERENCE]),
        "Difference": Word("A row as the live table has it and as a fresh one has it."),
        "table": Word("The table.", "conversion"),
        "live": Word("The row of the live table; null where there is none.", {"checkouts": 9}),
        "rebuilt": Word("The row of the fresh table; null where there is none.", {"checkouts": 10}),
        "started_at": Word("When it was begun.", "2026-03-01T12:00:00Z"),
        "finished_at": Word("When it ended; null while it runs.", "2026-03-01T12:01:00Z"),
    }
)
