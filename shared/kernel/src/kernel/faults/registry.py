"""All failpoints: what each place stands for, and which faults make sense there."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Action(StrEnum):
    KILL = "kill"
    STOP = "stop"
    RAISE = "raise"
    DELAY = "delay"
    EXEC_THEN_TIMEOUT = "exec_then_timeout"


class Failpoint(NamedTuple):
    name: str
    stands_for: str
    actions: frozenset[Action]
    has_kinds: bool = False
    """Whether it is passed for things of several types, by which a rule may choose."""


PAUSES = frozenset({Action.KILL, Action.STOP, Action.DELAY})
"""Where nothing can be raised but by a lost connection."""
ANY = PAUSES | {Action.RAISE}
COMPLETED = ANY | {Action.EXEC_THEN_TIMEOUT}
"""Something was asked of somebody else, and has been done: its answer can be lost."""
SENT = PAUSES | {Action.EXEC_THEN_TIMEOUT}

ALL = (
    Failpoint("append.before_commit", "a group of saves is about to be sent to the database", ANY),
    # whatever is raised behind a commit, but for a lost connection, would be taken for a refusal of it
    Failpoint("append.after_commit", "a group of saves is stored, and nobody has been told", SENT),
    Failpoint(
        "append.while_settling", "a commit was not confirmed; what became of it is being looked up", PAUSES
    ),
    Failpoint(
        "transaction.before_commit",
        "an operator's act, or a page of a background job, is written, and not committed",
        ANY,
    ),
    Failpoint(
        "transaction.after_commit",
        "an operator's act, or a page of a background job, is committed, and not reported",
        SENT,
    ),
    Failpoint(
        "http.after_commit_before_answer", "what a request decided is stored, its answer not sent", ANY
    ),
    Failpoint("http.before_answer_kept", "what was begun has come to an answer, which is not kept yet", ANY),
    Failpoint("http.after_answer_kept", "the answer to what was begun is kept, and not sent", COMPLETED),
    Failpoint(
        "http.short_way.before_answer", "an answer by the short way, read or write, is not sent yet", ANY
    ),
    Failpoint(
        "customer_key.after_write",
        "a key is stored, and nothing is encrypted by it yet",
        COMPLETED,
    ),
    Failpoint("relay.after_take_over", "this relay has become the one, and has published nothing", COMPLETED),
    Failpoint(
        "relay.after_start_again", "the relay will begin again: the broker has lost records", COMPLETED
    ),
    Failpoint("relay.after_read", "a page of the log is read, and nothing of it sent", ANY),
    Failpoint("relay.before_send", "a batch of records is about to be handed to the producer", ANY),
    Failpoint(
        "relay.after_send", "the broker has acknowledged a page, the cursor stands before it", COMPLETED
    ),
    Failpoint("relay.after_cursor", "the cursor stands behind what was acknowledged", COMPLETED),
    Failpoint("consumer.after_place", "a partition will be read from its beginning", COMPLETED),
    Failpoint("consumer.after_open", "a batch's transaction has moved the offsets, and decided nothing", ANY),
    Failpoint("consumer.before_commit", "a batch has decided and written all, and is not committed", ANY),
    Failpoint(
        "consumer.after_commit", "a batch is committed, and its process knows nothing of it", COMPLETED
    ),
    Failpoint(
        "consumer.in_bisect", "a part of a batch was handled alone, to find the record that spoils it", ANY
    ),
    Failpoint("consumer.on_revoke", "partitions go to somebody else, the batch at hand is finished", ANY),
    Failpoint("consumer.before_kafka_told", "the offsets are about to be told to Kafka, for lag tools", ANY),
    Failpoint("parked.after_write", "a record is put aside, within a batch that is not committed", ANY),
    Failpoint("command.after_obeyed", "a command of a batch is obeyed, and the batch not stored", ANY, True),
    Failpoint("answer.after_taken", "the saga has taken an answer of a batch that is not stored", ANY, True),
    Failpoint("timer.after_claim", "timers that are due are locked, and not fired", ANY),
    Failpoint(
        "timer.before_commit", "timers have fired, with all that they cause, and nothing is committed", ANY
    ),
    Failpoint(
        "timer.after_commit", "timers have fired and are gone, their process knows nothing of it", COMPLETED
    ),
    Failpoint("timer.after_put_off", "a timer that failed comes due later", COMPLETED),
    Failpoint("retention.before_commit", "what is old is deleted, and not committed", ANY),
    Failpoint("retention.after_commit", "what was old is gone, and nobody has counted it", COMPLETED),
    Failpoint("call.after_claim", "calls that are due are taken, and not begun", COMPLETED),
    Failpoint("call.after_intent", "the intent of a call is stored, the call not made", ANY, True),
    Failpoint(
        "call.after_call_before_result", "a call was made, its outcome is not recorded", COMPLETED, True
    ),
    Failpoint("gateway.before_request", "an outbound call is about to be sent", ANY),
    Failpoint("gateway.after_request", "the provider has done it, and its answer is not read", COMPLETED),
    Failpoint("gateway.after_look_up", "the provider has answered what became of a key, unread", COMPLETED),
    Failpoint("projection.after_apply", "a read model has applied a batch that is not committed", ANY),
    Failpoint("rebuild.after_begin", "a run is begun, and nobody carries it out", COMPLETED),
    Failpoint("rebuild.after_lease", "a process has taken a run, and done nothing for it", COMPLETED),
    Failpoint("rebuild.after_page", "a shadow has applied a page, which is not committed", ANY),
    Failpoint("rebuild.before_swap", "applying is halted, the shadow complete, nothing swapped", ANY),
    Failpoint("rebuild.after_swap", "the live tables say what the shadow says, uncommitted", ANY),
    Failpoint("rebuild.after_commit", "the swap is committed, its process knows nothing of it", COMPLETED),
    Failpoint("rebuild.before_verdict", "a read model is compared, and nobody has been told the result", ANY),
)
PLACES = {it.name: it for it in ALL}
