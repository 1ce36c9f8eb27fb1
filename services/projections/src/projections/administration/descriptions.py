"""Descriptions and examples of the names in the HTTP interface."""

from collections.abc import Mapping
from types import MappingProxyType

from kernel.http.descriptions import Word, euros

API_DESCRIPTION = "Read models for analysts and operators, built from the facts of all services."

_DIFFERENCE = {"table": "conversion", "live": {"checkouts": 9}, "rebuilt": {"checkouts": 10}}


FIELD_DESCRIPTIONS: Mapping[str, Word] = MappingProxyType(
    {
        "from": Word("A date, or a time in RFC 3339 format. Included.", "2026-03-01"),
        "to": Word(
            "A date, or a time in RFC 3339 format. A time is excluded; a date is included as a whole.",
            "2026-03-31",
        ),
        "LedgerBalance": Word("The movements of money on one account, in one currency."),
        "LedgerEntry": Word("What one fact posts to an account."),
        "account": Word("The account: its group, and what of it, such as the gateway.", "gateway.simulated"),
        "debit": Word("What was debited; 0 for a credit.", euros(13695)),
        "credit": Word("What was credited; 0 for a debit.", euros(0)),
        "balance": Word("The debits less the credits; those of all accounts add up to 0.", euros(13695)),
        "LedgerEntry.type": Word("The type of the fact.", "payment.captured"),
        "LedgerEntry.version": Word("Version of the fact in its stream.", 2),
        "occurred_at": Word("When the fact occurred.", "2026-03-01T12:00:00Z"),
        "checkout_id": Word("The checkout of the money.", "019a2b3c-0003-7000-8000-000000000003"),
        "stream_id": Word(
            "The payment or the order whose fact it is.", "019a2b3c-0004-7000-8000-000000000004"
        ),
        "Spend": Word("What a channel has cost on a day."),
        "Spend.spend_id": Word("The report.", "019a2b3c-0005-7000-8000-000000000005"),
        "Spend.channel": Word("The channel.", "search-ads"),
        "Spend.day": Word("The day in UTC.", "2026-03-01"),
        "Spend.amount": Word("What it has cost, in all."),
        "Spend.recorded_at": Word("When it was reported.", "2026-03-02T08:00:00Z"),
        "QuestionToSave": Word("A question with what it is asked with, to be kept under a name."),
        "QuestionToSave.name": Word("Its name; an owner has each name once.", "Revenue of last month"),
        "QuestionToSave.question": Word("The question, as in the path of its route.", "conversion"),
        "QuestionToSave.parameters": Word(
            "The parameters of its route, as texts. Beside them `range`, as last_30_days or last_month, in"
            " place of `from` and `to`; `compare`, previous or year; and `chart`.",
            {"range": "last_month", "compare": "previous", "currency": "EUR"},
        ),
        "QuestionToSave.shared": Word("Whether all analysts of the shop see it.", example=True),
        "SavedQuestion": Word("A question that is kept under a name."),
        "SavedQuestion.saved_question_id": Word("Its id.", "019a2b3c-0006-7000-8000-000000000006"),
        "saved_question_id": Word("The saved question.", "019a2b3c-0006-7000-8000-000000000006"),
        "SavedQuestion.owner": Word("Role and name of the key that has saved it.", "analyst:demo-analyst"),
        "SavedQuestion.name": Word("Its name.", "Revenue of last month"),
        "SavedQuestion.question": Word("The question.", "conversion"),
        "SavedQuestion.parameters": Word(
            "What it is asked with.", {"range": "last_month", "compare": "previous", "currency": "EUR"}
        ),
        "SavedQuestion.shared": Word("Whether all analysts of the shop see it.", example=True),
        "SavedQuestion.faults": Word("Why it can no longer be asked; empty if it can.", []),
        "SavedQuestion.version": Word("Counts its changes; also its ETag.", 1),
        "SavedQuestion.created_at": Word("When it was saved.", "2026-03-02T08:00:00Z"),
        "SavedQuestion.updated_at": Word("When it was changed last.", "2026-03-02T08:00:00Z"),
        "SavedQuestionFault": Word("A reason why a saved question can no longer be asked."),
        "SavedQuestionFault.parameter": Word("The parameter; empty for the question itself.", "segment"),
        "SavedQuestionFault.detail": Word("What is wrong.", "The question has no such parameter."),
        "SpendReport": Word("What a channel has cost on a day."),
        "SpendReport.channel": Word("The channel, by a name that you choose.", "search-ads"),
        "SpendReport.day": Word("The day in UTC.", "2026-03-01"),
        "SpendReport.amount": Word("What it has cost, in all; it replaces what was reported before."),
        "SpentMoney": Word("An amount of money that is not negative."),
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
        "VerificationReport": Word("The result of a run of `feira verify`."),
        "Verification": Word("The result of a run of `feira verify`."),
        "CheckReport": Word("The verdict of one check."),
        "CheckView": Word("The verdict of one check."),
        "verification_id": Word("The run; made by the reporter.", "019a2b3c-0009-7000-8000-000000000001"),
        "reported_at": Word("When the result was reported.", "2026-03-01T02:00:40Z"),
        "reported_by": Word("The role and the name of the key that was used.", "ops:nightly verify"),
        "holds": Word("Whether every check that applies was made and found no violation.", True),
        "is_complete": Word("Whether every check that applies was made.", True),
        "VerificationReport.seconds": Word("How long the run took.", 41.5),
        "Verification.seconds": Word("How long the run took.", 41.5),
        "checks": Word("The verdicts by check."),
        "check": Word("The check; docs/how-to/verify.md explains each.", "M1"),
        "rule": Word("What the check demands.", "Every capture has a valid order, or is refunded in full."),
        "verdict": Word(
            "holds, violated, unavailable (it could not be made), or not_judged (it does not apply here).",
            "holds",
        ),
        "CheckReport.compared": Word("Number of items checked.", 4711),
        "CheckView.compared": Word("Number of items checked.", 4711),
        "violations": Word("Number of violations.", 0),
        "compared": Word("Number of items read, by kind.", {"orders": 4711}),
        "VerificationReport.in_flight": Word("Number of items in flight, not judged.", {"refunds": 1}),
        "Verification.in_flight": Word("Number of items in flight, not judged.", {"refunds": 1}),
        "ModelRun": Word("A run of a statistical model on the sales of the shop in one currency."),
        "ModelRuns": Word("The runs that wait or are going on."),
        "runs": Word("The runs, in the order in which they are carried out."),
        "ModelRun.model": Word("customer_value, customer_segments or forecasts.", "customer_value"),
        "ModelRun.version": Word("Version of the model's code.", 1),
        "ModelRun.state": Word("queued, running, done, too_few or failed.", "done"),
        "ModelRun.reason": Word("Why there is no result; null unless too_few or failed.", None),
        "night": Word("The day whose nightly run it is; null if it was asked for.", "2026-03-02"),
        "asked_by": Word(
            "The role and the name of the key that was used, or nightly.", "analyst:my notebook"
        ),
        "asked_at": Word("When the run was queued.", "2026-03-02T02:00:00Z"),
        "ModelRun.started_at": Word("When the run was last started.", "2026-03-02T02:00:01Z"),
        "ModelRun.finished_at": Word("When the run ended; null before.", "2026-03-02T02:00:09Z"),
        "trained_from": Word("The first day that the model has seen.", "2025-01-01"),
        "trained_to": Word("The last one: the last day with an order, before today.", "2026-03-01"),
        "rows": Word("Number of results.", 2357),
        "parameters": Word(
            "What the fit has found.", {"bg_nbd": {"r": 0.24, "alpha": 4.41, "a": 0.79, "b": 2.43}}
        ),
        "log_likelihood": Word("Of the fit; null where the model has none.", -9582.43),
        "errors": Word(
            "How the same model did on days that it had not seen: of customers the 90 days before the end, of"
            " months the origins of the back-test.",
            {"auc": 0.785, "brier": 0.11, "expected": 402.1, "actual": 441},
        ),
        "started_at": Word("When the run was requested.", "2026-03-01T12:00:00Z"),
        "finished_at": Word("When the run ended; null while it is running.", "2026-03-01T12:01:00Z"),
    }
)
