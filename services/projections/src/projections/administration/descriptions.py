"""Descriptions and examples of the names in the HTTP interface."""

from collections.abc import Mapping
from types import MappingProxyType

from kernel.http.descriptions import Word, euros

API_DESCRIPTION = "Read models for analysts and operators, built from the facts of all services."

_DIFFERENCE = {"table": "conversion", "live": {"checkouts": 9}, "rebuilt": {"checkouts": 10}}


FIELD_DESCRIPTIONS: Mapping[str, Word] = MappingProxyType(
    {
        "Conversion": Word("How many checkouts of a day were completed, and their revenue."),
        "from": Word("A date, or a time in RFC 3339 format. Included.", "2026-03-01"),
        "to": Word(
            "A date, or a time in RFC 3339 format. A time is excluded; a date is included as a whole.",
            "2026-03-31",
        ),
        "day": Word("The day in UTC.", "2026-03-01"),
        "checkouts": Word("Number of checkouts started on that day.", 20),
        "completed": Word("Number of those that were completed.", 15),
        "rate": Word("Share of completed checkouts: from 0 to 1, or null if none was started.", 0.75),
        "revenue": Word("Captured less refunded money, each on its own day.", euros(150000)),
        "average_order_value": Word("Of the orders created by that day's checkouts.", euros(10000)),
        "ProductPerformance": Word("Sales of a product."),
        "product_id": Word("The product.", "019a2b3c-0002-7000-8000-000000000002"),
        "sku": Word("The product's SKU at its latest sale.", "MUG-1"),
        "ProductPerformance.name": Word("The product's name at its latest sale.", "Mug"),
        "times_sold": Word("Number of orders.", 12),
        "quantity": Word("Number of units.", 15),
        "average_item_value": Word("Revenue per unit.", euros(10000)),
        "CheckoutOperations": Word("Operational figures about checkouts."),
        "in_flight": Word("Number of checkouts that have not ended.", 3),
        "stuck": Word("Number of those that are late or need an operator.", 0),
        "oldest_open_seconds": Word("Age of the oldest open checkout; null if there is none.", 2),
        "failures": Word("Failed checkouts by phase and code."),
        "Failure": Word("Number of checkouts that failed in one way."),
        "Failure.phase": Word("The step at which they failed.", "authorize_payment"),
        "Failure.code": Word("The reason.", "PAYMENT_DECLINED"),
        "count": Word("Number of occurrences.", 4),
        "compensations": Word("Compensated steps."),
        "Compensation": Word("Number of compensations of one step."),
        "step": Word("The step.", "reserve_stock"),
        "duration_ms": Word("How long completed checkouts took, in milliseconds."),
        "Durations": Word("Milliseconds from start to completion; null if no checkout was completed."),
        "p50": Word("Half of the checkouts took at most this long.", 180),
        "p95": Word("95 % of the checkouts took at most this long.", 420),
        "p99": Word("99 % of the checkouts took at most this long.", 900),
        "histogram": Word("Cumulative histogram of the durations."),
        "Bucket": Word("Number of checkouts that took at most so many milliseconds."),
        "le": Word("Upper limit in milliseconds; null for no limit.", 250),
        "Projection": Word("A read model with its state, checkpoint and lag."),
        "ProjectionInFull": Word("A read model with its state, checkpoint, lag and latest run."),
        "name": Word("The read model.", "conversion"),
        "Projection.version": Word("Version of the code of the answering process.", 1),
        "ProjectionInFull.version": Word("Version of the code of the answering process.", 1),
        "Projection.state": Word(
            "live, catching_up, parked, rebuilding, outdated, failed or unknown.", "live"
        ),
        "ProjectionInFull.state": Word(
            "live, catching_up, parked, rebuilding, outdated, failed or unknown.", "live"
        ),
        "types": Word(
            "Types of the facts that the read model is built from.",
            ["checkout.started", "checkout.completed"],
        ),
        "Projection.position": Word("Number of handled records by topic.", {"checkout.events": 4711}),
        "ProjectionInFull.position": Word("Number of handled records by topic.", {"checkout.events": 4711}),
        "lag": Word("How far the read model is behind the topics."),
        "Delay": Word("Lag of a read model; null while the broker is unavailable."),
        "events": Word("Number of unhandled records.", 0),
        "seconds": Word("Age of the oldest unhandled record.", 0.0),
        "applied": Word("Number of applied records.", 4000),
        "parked": Word("Number of records that wait for an operator.", 0),
        "updated_at": Word("When a record was last applied.", "2026-03-01T12:00:00Z"),
        "partitions": Word("The same by partition."),
        "Part": Word("Checkpoint of a read model in one partition."),
        "Part.position": Word("The offset of the next record.", 800),
        "end": Word("The offset after the last record; null while the broker is unavailable.", 800),
        "first_offset": Word("Offset of the first applied record.", 0),
        "last_offset": Word("Offset of the last applied record.", 799),
        "digest": Word("Digest over all applied records.", "9f86d081"),
        "run": Word("The latest rebuild or verification."),
        "Run": Word("A rebuild or a verification."),
        "run_id": Word("The run.", "019a2b3c-0008-7000-8000-000000000001"),
        "kind": Word("rebuild or verify.", "verify"),
        "Run.state": Word("running, completed or failed.", "completed"),
        "Run.phase": Word("waiting, filling, comparing, swapping or done.", "done"),
        "Run.version": Word("Version of the code that builds the read model.", 1),
        "attempts": Word("More than 1 if the worker process died and the run was started again.", 1),
        "events_done": Word("Number of records read so far.", 4711),
        "events_total": Word("Number of records to read.", 4711),
        "set_aside": Word("Number of records skipped because they are parked or discarded.", 0),
        "differences": Word("Number of differing rows of all tenants; null until they are compared.", 1),
        "sample": Word("Some of the differing rows of the caller's tenant.", [_DIFFERENCE]),
        "Difference": Word("A row in the live table and in the rebuilt one."),
        "table": Word("The table.", "conversion"),
        "live": Word("The row in the live table; null if there is none.", {"checkouts": 9}),
        "rebuilt": Word("The row in the rebuilt table; null if there is none.", {"checkouts": 10}),
        "started_at": Word("When the run was requested.", "2026-03-01T12:00:00Z"),
        "finished_at": Word("When the run ended; null while it is running.", "2026-03-01T12:01:00Z"),
    }
)
