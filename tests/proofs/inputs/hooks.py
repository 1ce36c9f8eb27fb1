"""What schemathesis is told of this system: whose key fits, what exists, and to count what is answered.

Loaded by schemathesis itself, in its own process; FEIRA_PROOF says where to find what exists and where to
leave the counts.
"""

from __future__ import annotations

import atexit
import json
import os
import random
from collections import Counter
from pathlib import Path
from typing import Any

import schemathesis
from schemathesis import AuthContext, Case, CheckContext, HookContext, Response
from schemathesis.core.parameters import ParameterLocation

from tests.proofs.inputs.bodies import CARD, VILE

FOLDER = Path(os.environ["FEIRA_PROOF"])
THERE: dict[str, Any] = json.loads((FOLDER / "prepared.json").read_text())
OFTEN = 0.75
"""How often something that exists takes the place of something made up."""

KEPT = ("Idempotency-Key", "X-Correlation-Id")
SELDOM = 0.02
"""How often a text is one that has done harm."""

PLAIN = {"kind": "percentage", "value": 12.5, "currency": None, "starts_at": None, "ends_at": None}
"""Terms that go together."""

# which of them is replaced must not depend on what the library draws
CHOICE = random.Random(os.environ["FEIRA_PROOF_SEED"])
ANSWERS: Counter[tuple[str, int]] = Counter()
CUT: Counter[str] = Counter()


def key_for(label: str) -> str:
    """Of a role that may call this."""
    _, path = label.split(" ", 1)
    if path.endswith(("/refunds/{refund_id}/retry", "/refunds/{refund_id}/resolve")):
        return "demo-ops"
    match path.split("/")[2]:
        case "carts" | "checkouts" | "quotes":
            return "demo-service"
        case "sagas" | "parked" | "projections":
            return "demo-ops"
        case _:
            return "demo-admin"


@schemathesis.auth(cache_by_key=lambda case, _: case.operation.label)
class Key:
    def get(self, case: Case[Any], _: AuthContext) -> str:
        return key_for(case.operation.label)

    def set(self, case: Case[Any], data: str, _: AuthContext) -> None:
        case.headers["Authorization"] = f"Bearer {data}"


@schemathesis.hook
def before_call(_: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:
    meta = case.meta
    if meta is None:
        return
    if not meta.is_negative_at(ParameterLocation.PATH):
        _exist_in_path(case)
    if not meta.is_negative_at(ParameterLocation.QUERY):
        _exist(case.query, THERE["in_queries"])
    if not meta.is_negative_at(ParameterLocation.BODY) and isinstance(case.body, dict):
        body: Any = _existing(case.body, in_promotion="/promotions" in case.path)
        plain = case.operation.label == "POST /v1/promotions" and CHOICE.random() < OFTEN
        case.body = body | PLAIN if plain else body
    if not meta.is_negative_at(ParameterLocation.HEADER):
        _let_through(case)


def _exist_in_path(case: Case[Any]) -> None:
    there = THERE["in_paths"]
    if case.path.endswith("/events"):
        there = there | {"checkout_id": THERE["ended"]}  # a stream that does not end is no answer
    _exist(case.path_parameters, there)
    if "item_id" in case.path_parameters and CHOICE.random() < OFTEN:
        cart_id = CHOICE.choice(list(THERE["items"]))
        case.path_parameters.update(cart_id=cart_id, item_id=THERE["items"][cart_id])


def _exist(given: dict[str, Any], there: dict[str, list[Any]]) -> None:
    for name in given.keys() & there.keys():
        if CHOICE.random() < OFTEN:
            given[name] = CHOICE.choice(there[name])


def _existing(value: Any, *, in_promotion: bool) -> Any:
    there = THERE["in_bodies"]
    match value:
        case dict():
            told = {name: _existing(it, in_promotion=in_promotion) for name, it in value.items()}
            for name in sorted(told.keys() & there.keys()):
                own_code = in_promotion and name == "code"  # a second one of the same would be refused
                if told[name] is not None and not own_code and there[name] and CHOICE.random() < OFTEN:
                    told[name] = there[name].pop() if name == "cart_id" else CHOICE.choice(there[name])
            return told
        case list():
            return [_existing(it, in_promotion=in_promotion) for it in value]
        case str() if CHOICE.random() < SELDOM:
            return CHOICE.choice(VILE)
    return value


def _let_through(case: Case[Any]) -> None:
    """A version that nobody has, or a key that was used before, would stop nearly every write."""
    is_declared = case.method.upper() == case.operation.method.upper()
    if is_declared and CHOICE.random() < SELDOM:
        case.headers[CHOICE.choice(KEPT)] = CARD
    elif CHOICE.random() < OFTEN:
        case.headers.pop("If-Match", None)
        case.headers.pop("Feira-Occurred-At", None)
        if "Idempotency-Key" in case.headers:
            case.headers["Idempotency-Key"] = f"key {CHOICE.random()}"


@schemathesis.check
def no_card_number_is_told_again(_: CheckContext, response: Response, __: Case[Any]) -> None:
    told = response.text + str(response.headers)
    assert not any(it in told for it in (CARD, *VILE[:4])), "a card number that was sent came back"


@schemathesis.hook
def after_call(_: HookContext, case: Case[Any], response: Response) -> None:
    ANSWERS[case.operation.label, response.status_code] += 1


@schemathesis.hook
def after_network_error(_: HookContext, case: Case[Any], request: Any) -> None:
    CUT[case.operation.label] += 1


@atexit.register
def _leave_counts() -> None:
    told = {"answers": [[*it, n] for it, n in ANSWERS.items()], "cut": dict(CUT)}
    (FOLDER / f"{os.environ['FEIRA_PROOF_PART']}.counts.json").write_text(json.dumps(told))
