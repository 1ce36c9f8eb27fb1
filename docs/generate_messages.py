"""Write docs/messages.md from the code: every message, where it goes, and who handles it."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from cart.carts.use_cases.commands import command_routes as cart_commands
from cart.catalogue import customer_rows
from cart.catalogue import projection as catalogue_projection
from checkout_saga.checkout.workflow import CHECKOUTS
from contracts.envelope import Command, Message
from contracts.schemas import file_of, messages
from contracts.topics import TOPIC_OF
from offer.app import command_routes as offer_commands
from offer.app import shoppers
from projections.models.registry import REGISTRY

HERE = Path(__file__).parent
HEAD = """# Messages

Made by `make messages`: do not edit. A fact is published by the service that recorded it; a command is
sent by checkout-saga, and may be sent by others. Each name leads to the message's JSON Schema.

| Message | Topic | Handled by | What it says |
|---|---|---|---|
"""


def handlers() -> Mapping[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    unused: Any = None  # only the names of the commands are wanted
    tables: Iterable[tuple[str, Iterable[str]]] = (
        ("cart", (it.TYPE for it in cart_commands(unused, unused, unused, unused))),
        ("cart (catalogue)", (it.TYPE for it in catalogue_projection.KINDS)),
        ("cart (customers)", (it.TYPE for it in customer_rows.KINDS)),
        ("offer", (it.TYPE for it in offer_commands(unused, unused, unused))),
        ("offer (shoppers)", (kind for it in shoppers() for kind in sorted(it.types))),
        ("checkout-saga", CHECKOUTS.workflow.outcomes),
        *((f"projections ({it.name})", it.types) for it in REGISTRY.models),
    )
    for name, types in tables:
        for kind in types:
            found[kind].append(name)
    return found


def rows() -> Iterator[str]:
    handled = handlers()
    for message in messages():
        topic = TOPIC_OF[message.TYPE]
        who = ", ".join(handled[message.TYPE]) or "-"
        name = f"[{message.TYPE}](../shared/contracts/schemas/{file_of(message)})"
        yield f"| {name} | {topic} | {who} | {says(message)} |\n"


def says(message: type[Message]) -> str:
    """The first sentence of its own description; what needs none is told by its name."""
    text = message.__dict__.get("__doc__") or ""
    sentence = " ".join(text.split()).replace("``", "`").replace("|", "\\|").split(". ")[0].rstrip(".")
    if sentence:
        return sentence
    return "a request" if issubclass(message, Command) else "a fact"


def page() -> str:
    return HEAD + "".join(rows())


if __name__ == "__main__":
    target = HERE / "messages.md"
    if sys.argv[1:] == ["--check"]:
        sys.exit(target.read_text() != page())
    target.write_text(page())
