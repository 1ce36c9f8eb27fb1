"""Hooks for schemathesis: keys by route, ids of things that exist, and counts of the responses.

Loaded by schemathesis in its own process; FEIRA_PROOF is the folder with the list of what exists, and for the
counts.
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
EXISTING: dict[str, Any] = json.loads((FOLDER / "prepared.json").read_text())
OFTEN = 0.75
"""Probability that something that exists replaces a generated value."""

KEPT = ("Idempotency-Key", "X-Correlation-Id")
SELDOM = 0.02
"""Probability that a text is replaced by one of ``VILE``."""

PLAIN = {"kind": "percentage", "value": 12.5, "currency": None, "starts_at": None, "ends_at": None}
"""Consistent terms of a promotion."""

# a random stream of its own, independent of the library's draws
CHOICE = random.Random(os.environ["FEIRA_PROOF_SEED"])
ANSWERS: Counter[tuple[str, int]] = Counter()
CUT: Counter[str] = Counter()


def key_for(label: str) -> str:
    """A key of a role that may call the route."""
    _, path = label.split(" ", 1)
    if path.endswith(
        (
            "/refunds/{refund_id}/retry",
            "/refunds/{refund_id}/resolve",
            "/differences/{difference_id}/resolve",
        )
    ):
        return "demo-ops"
    match path.split("/")[2]:
        case "carts" | "checkouts" | "downloads" | "quotes":
            return "demo-service"
        case "sagas" | "parked" | "projections" | "status" | "verifications":
            return "demo-ops"
        case "api-keys":
            return "rival-ops"  # some calls end keys: those of the other routes stay valid
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
        _exist(case.query, EXISTING["in_queries"])
    if not meta.is_negative_at(ParameterLocation.BODY) and isinstance(case.body, dict):
        body: Any = _existing(case.body, in_promotion="/promotions" in case.path)
        plain = case.operation.label == "POST /v1/promotions" and CHOICE.random() < OFTEN
        case.body = body | PLAIN if plain else body
    if not meta.is_negative_at(ParameterLocation.HEADER):
        _let_through(case)


def _exist_in_path(case: Case[Any]) -> None:
    existing = EXISTING["in_paths"]
    if case.path.endswith("/events"):
        existing = existing | {"checkout_id": EXISTING["ended"]}  # other streams would not end
    _exist(case.path_parameters, existing)
    if "offer_id" in case.path_parameters and len(case.path_parameters) > 1 and CHOICE.random() < OFTEN:
        together = CHOICE.choice(EXISTING["of_offers"])
        if "/order-bumps/" in case.path:
            together = together | {"upsell_id": together["order_bump_id"]}
        case.path_parameters.update({name: together[name] for name in case.path_parameters})
    if "item_id" in case.path_parameters and CHOICE.random() < OFTEN:
        cart_id = CHOICE.choice(list(EXISTING["items"]))
        case.path_parameters.update(cart_id=cart_id, item_id=EXISTING["items"][cart_id])


def _exist(given: dict[str, Any], existing: dict[str, list[Any]]) -> None:
    for name in given.keys() & existing.keys():
        if CHOICE.random() < OFTEN:
            given[name] = CHOICE.choice(existing[name])


def _existing(value: Any, *, in_promotion: bool) -> Any:
    existing = EXISTING["in_bodies"]
    match value:
        case dict():
            replaced = {name: _existing(it, in_promotion=in_promotion) for name, it in value.items()}
            for name in sorted(replaced.keys() & existing.keys()):
                own_code = in_promotion and name == "code"  # a duplicate would be refused
                if replaced[name] is not None and not own_code and existing[name] and CHOICE.random() < OFTEN:
                    replaced[name] = (
                        existing[name].pop() if name == "cart_id" else CHOICE.choice(existing[name])
                    )
            return replaced
        case list():
            return [_existing(it, in_promotion=in_promotion) for it in value]
        case str() if CHOICE.random() < SELDOM:
            return CHOICE.choice(VILE)
    return value


def _let_through(case: Case[Any]) -> None:
    """Remove generated versions and idempotency keys: they would stop nearly every write."""
    is_declared = case.method.upper() == case.operation.method.upper()
    if is_declared and CHOICE.random() < SELDOM:
        case.headers[CHOICE.choice(KEPT)] = CARD
    elif CHOICE.random() < OFTEN:
        case.headers.pop("If-Match", None)
        case.headers.pop("Feira-Occurred-At", None)
        if "Idempotency-Key" in case.headers:
            case.headers["Idempotency-Key"] = f"key {CHOICE.random()}"


@schemathesis.check
def no_card_number_is_repeated(_: CheckContext, response: Response, __: Case[Any]) -> None:
    replaced = response.content.decode(errors="replace") + str(response.headers)
    assert not any(it in replaced for it in (CARD, *VILE[:4])), "a card number that was sent came back"


@schemathesis.hook
def after_call(_: HookContext, case: Case[Any], response: Response) -> None:
    ANSWERS[case.operation.label, response.status_code] += 1


@schemathesis.hook
def after_network_error(_: HookContext, case: Case[Any], request: Any) -> None:
    CUT[case.operation.label] += 1


@atexit.register
def _leave_counts() -> None:
    replaced = {"answers": [[*it, n] for it, n in ANSWERS.items()], "cut": dict(CUT)}
    (FOLDER / f"{os.environ['FEIRA_PROOF_PART']}.counts.json").write_text(json.dumps(replaced))
