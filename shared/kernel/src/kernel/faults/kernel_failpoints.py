"""The failpoints of the kernel."""

from __future__ import annotations

from kernel.faults.failpoint import ANY, COMPLETED, PAUSES, SENT, Failpoint

FAILPOINTS = (
    Failpoint("append.before_commit", "a group commit is about to be sent to the database", ANY),
    # an error that is raised after a commit, but for a lost connection, would count as its failure
    Failpoint(
        "append.after_commit", "a group commit is stored, and not yet reported to its units of work", SENT
    ),
    Failpoint("append.while_settling", "a commit was not confirmed; its outcome is being looked up", PAUSES),
    Failpoint(
        "transaction.before_commit",
        "an operator's action, or a page of a background job, is written, and not committed",
        ANY,
    ),
    Failpoint(
        "transaction.after_commit",
        "an operator's action, or a page of a background job, is committed, and not reported",
        SENT,
    ),
    Failpoint(
        "http.after_commit_before_answer",
        "the changes of a request are stored, its response is not sent",
        ANY,
    ),
    Failpoint("http.between_saves", "one of a request's several saves is stored, others are to come", ANY),
    Failpoint(
        "http.before_answer_kept",
        "the work that a request started has its response, which is not stored",
        ANY,
    ),
    Failpoint(
        "http.after_answer_kept",
        "the response to the work that a request started is stored, and not sent",
        COMPLETED,
    ),
    Failpoint("http.short_way.before_answer", "a response of the fast path, read or write, is not sent", ANY),
    Failpoint(
        "customer_key.after_write",
        "a data key is stored, and nothing is encrypted with it",
        COMPLETED,
    ),
    Failpoint(
        "relay.after_take_over", "this relay has become the leader, and has published nothing", COMPLETED
    ),
    Failpoint(
        "relay.after_start_again", "the cursor is reset, because the broker has lost records", COMPLETED
    ),
    Failpoint("relay.after_read", "a page of the log is read, and not sent", ANY),
    Failpoint("relay.before_send", "a batch of records is about to be handed to the producer", ANY),
    Failpoint(
        "relay.after_send", "the broker has acknowledged a page, and the cursor has not advanced", COMPLETED
    ),
    Failpoint("relay.after_cursor", "the cursor has advanced behind the acknowledged records", COMPLETED),
    Failpoint("consumer.after_place", "a partition's offset is reset to its beginning", COMPLETED),
    Failpoint("consumer.after_open", "a batch's transaction has moved the offsets, and handled nothing", ANY),
    Failpoint("consumer.before_commit", "a batch is handled and written, and not committed", ANY),
    Failpoint("consumer.after_commit", "a batch is committed, and its process has not noticed", COMPLETED),
    Failpoint(
        "consumer.in_bisect", "a part of a batch is handled alone, to find the record that fails it", ANY
    ),
    Failpoint(
        "consumer.on_revoke", "partitions go to another member, and the current batch is finished", ANY
    ),
    Failpoint(
        "consumer.before_kafka_told", "the offsets are about to be committed to Kafka, for lag tools", ANY
    ),
    Failpoint("parked.after_write", "a record is parked in a batch that is not committed", ANY),
    Failpoint(
        "command.after_obeyed", "a command of a batch is handled, and the batch is not stored", ANY, True
    ),
    Failpoint(
        "answer.after_taken", "a process manager has taken a reply, and its batch is not stored", ANY, True
    ),
    Failpoint("timer.after_claim", "due timers are locked, and not fired", ANY),
    Failpoint("timer.before_commit", "timers have fired, and nothing is committed", ANY),
    Failpoint(
        "timer.after_commit", "fired timers are committed, and their process has not noticed", COMPLETED
    ),
    Failpoint("timer.after_put_off", "a failed timer is rescheduled", COMPLETED),
    Failpoint("snapshot.before_write", "snapshots are made, and not stored", ANY),
    Failpoint("snapshot.after_write", "snapshots are stored, and not reported", COMPLETED),
    Failpoint("retention.before_commit", "old rows are deleted, and not committed", ANY),
    Failpoint("retention.after_commit", "the deletion of old rows is committed, and not counted", COMPLETED),
    Failpoint("call.after_claim", "due calls are leased, and not begun", COMPLETED),
    Failpoint("call.after_intent", "the intent of a call is stored, and the call is not made", ANY, True),
    Failpoint(
        "call.after_call_before_result", "a call is made, and its outcome is not recorded", COMPLETED, True
    ),
    Failpoint("projection.after_apply", "a read model has applied a batch that is not committed", ANY),
    Failpoint("rebuild.after_begin", "a run is stored, and no process works on it", COMPLETED),
    Failpoint("rebuild.after_lease", "a process has leased a run, and has not begun", COMPLETED),
    Failpoint("rebuild.after_page", "a page is applied to the shadow tables, and not committed", ANY),
    Failpoint(
        "rebuild.before_swap", "the projection is halted, its shadow is complete, and nothing is swapped", ANY
    ),
    Failpoint("rebuild.after_swap", "the live tables have the shadow's rows, and nothing is committed", ANY),
    Failpoint("rebuild.after_commit", "the swap is committed, and its process has not noticed", COMPLETED),
    Failpoint("rebuild.before_verdict", "a read model is compared, and the result is not stored", ANY),
    Failpoint("mail.before_data", "a transfer is recorded, and nothing of the mail is sent yet", ANY),
    Failpoint("mail.after_data", "the mail server has taken the mail, and that is not recorded", COMPLETED),
)
