"""Exemptions from failpoints: comments directly above a function, and the reasons that they may give.

``# failpoint: none needed (consumer-batch)`` for a function whose outward call needs no failpoint of its own,
``# failpoint: none needed (consumer-batch), 2 calls`` if it makes more than one, and ``# failpoint: 2 calls``
for a function that passes failpoints and makes more than one outward call.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from tests.architecture.outward import Outward, functions, outward


class Reason(NamedTuple):
    sentence: str
    covered_by: tuple[str, ...] = ()
    """The failpoints that stand around such calls. Empty: a kill there loses or repeats nothing."""


REASONS: Mapping[str, Reason] = {
    "consumer-batch": Reason(
        "It writes in the transaction of a consumer's batch.",
        ("consumer.after_open", "consumer.before_commit", "consumer.after_commit"),
    ),
    "append": Reason(
        "It writes in the transaction of a group commit, or is the call that begins one.",
        ("append.before_commit", "append.after_commit"),
    ),
    "intent": Reason(
        "It adds to a unit of work, which is stored by the commit of its opener.",
        ("append.before_commit", "append.after_commit"),
    ),
    "store-transaction": Reason(
        "It writes in a transaction of the event store.",
        ("transaction.before_commit", "transaction.after_commit"),
    ),
    "rebuild-transaction": Reason(
        "It works in the transaction of a rebuild, or on temporary tables.",
        ("rebuild.after_page", "rebuild.before_swap", "rebuild.after_swap", "rebuild.after_commit"),
    ),
    "rebuild-end": Reason(
        "It ends a run, within its last transaction.",
        ("rebuild.before_verdict", "rebuild.after_swap", "rebuild.after_commit"),
    ),
    "rebuild-progress": Reason("It notes how far a run is: the next attempt writes the same, or one more."),
    "model-run": Reason(
        "It queues, takes or ends a run of a model: one that its worker has left is taken over after its"
        " lease, and its results are stored in the transaction that ends it."
    ),
    "report": Reason(
        "It queues, takes or ends a mail of a report: one that its worker has left is sent again after its"
        " lease, with the same Message-ID.",
        ("mail.before_data", "mail.after_data"),
    ),
    "unused-rows": Reason("It deletes rows that no code uses any more: nothing depends on it."),
    "session-lock": Reason(
        "It takes a lock that ends with its session.", ("rebuild.after_lease", "relay.after_take_over")
    ),
    "relay-page": Reason(
        "Its only caller passes a failpoint before it and another one after it.",
        ("relay.after_send", "relay.after_cursor"),
    ),
    "read-only": Reason("It only reads, with a role or in a transaction that cannot write."),
    "response": Reason(
        "It sends responses of every kind; those that follow a commit have failpoints of their own.",
        ("http.after_commit_before_answer", "http.after_answer_kept", "http.short_way.before_answer"),
    ),
    "broker-identity": Reason("It asks a broker for its identity before anything is sent to it."),
    "migration": Reason("It runs before any service does, in a tool that does one thing at a time."),
    "recovery": Reason(
        "It writes in the one transaction of a recovery, or on its temporary table: the next run repeats it."
    ),
    "stack-clock": Reason(
        "It moves the clock of a stack for trying things out, never in production; it sets an absolute value,"
        " and is repeated until it has succeeded."
    ),
    "rewrapping": Reason("Each batch only changes how a key is wrapped; the next run continues."),
    "counted": Reason("It counts a try before anything is begun: a crash afterwards costs this one try."),
    "provider-request": Reason(
        "It is one request of a provider's adapter, whose callers pass failpoints before and after it.",
        ("gateway.before_request", "gateway.after_request", "gateway.after_look_up"),
    ),
    "asked-again": Reason(
        "It asks a provider for what it changes nothing by, such as a certificate: the next call asks again."
    ),
    "named-later": Reason("Its row counts once a fact names it; one that no fact names is deleted later."),
    "noted-again": Reason("It notes what a provider has answered: the next such answer does so again."),
    "first-writer": Reason("The first writer's value is kept and read by all: a repeat changes nothing."),
}

BEGINNING = "# failpoint:"
FORM = re.compile(
    r"# failpoint: (?:none needed \((?P<reason>[a-z-]+)\)(?:, (?P<many>[2-9]) calls)?|(?P<only>[2-9]) calls)"
)
HOW_TO_WRITE = (
    "Write '# failpoint: none needed (REASON)', '# failpoint: none needed (REASON), N calls'"
    f" or '# failpoint: N calls' directly above the function; REASON is one of {', '.join(REASONS)}"
    " (tests/architecture/exemptions.py)."
)


@dataclass(frozen=True)
class Exemption:
    reason: str | None
    calls: int


def complaints(module: str, text: str, statements: Mapping[str, list[str]]) -> Iterator[str]:
    """What is wrong with the failpoints of a module: one sentence each, which says what to write."""
    tree = ast.parse(text)
    comments = {line: comment for line, comment in _comments(text) if comment.startswith(BEGINNING)}
    calling = {function.line: function for function in outward(module, tree, statements)}
    lines = text.splitlines()
    for _, node in functions(tree, ""):
        above = [comments.pop(line) for line in _lines_above(node, lines) if line in comments]
        yield from _complaints_of(f"{module}:{node.name}", calling.get(node.lineno), above)
    for line, comment in comments.items():
        yield f"{module}, line {line}: '{comment}' stands above no function. Move or delete it."


def reasons_in(text: str) -> Iterator[str]:
    for _, comment in _comments(text):
        found = FORM.fullmatch(comment)
        if found and found["reason"]:
            yield found["reason"]


def _complaints_of(name: str, function: Outward | None, above: list[str]) -> Iterator[str]:
    if not above:
        exemption = Exemption(None, 1)
    else:
        found = FORM.fullmatch(above[0])
        if found is None or len(above) > 1 or found["reason"] not in {None, *REASONS}:
            yield f"{name}: {above} cannot be read. {HOW_TO_WRITE}"
            return
        exemption = Exemption(found["reason"], int(found["many"] or found["only"] or 1))
    if function is None:
        if above:
            yield f"{name} makes no outward call. Delete '{above[0]}'."
        return
    name = f"{name} (line {function.line})"
    calls = ", ".join(function.calls)
    if function.passes and exemption.reason:
        yield f"{name} passes a failpoint. Delete 'none needed ({exemption.reason})'."
    if not function.passes and not exemption.reason:
        yield f"{name} calls {calls}, and passes no failpoint. Add one beside the call, or: {HOW_TO_WRITE}"
    if len(function.calls) != exemption.calls:
        yield (
            f"{name} makes {len(function.calls)} outward calls ({calls}), and {exemption.calls} are stated. "
            f"Check that a failpoint or the exemption covers each, then state the number. {HOW_TO_WRITE}"
        )


def _lines_above(node: ast.FunctionDef | ast.AsyncFunctionDef, lines: list[str]) -> Iterator[int]:
    """The numbers of the lines of comments and decorators that stand directly above a function."""
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    yield from range(first, node.lineno)
    number = first - 1
    while number and lines[number - 1].strip().startswith("#"):
        yield number
        number -= 1


def _comments(text: str) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string
