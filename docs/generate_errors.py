"""Write docs/errors.md from the sources: every code in problem details of the services."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

from checkout_saga.checkout.failures import FAILURES
from checkout_saga.checkout.lock_refusals import REFUSALS_AT_LOCK
from checkout_saga.checkout.refusals import CartRefused
from contracts.topology import SERVICES
from kernel.domain import NotFound, Refused
from kernel.http.codes import CODES, meaning_of
from kernel.http.statuses import Statuses, status_of

HERE = Path(__file__).parent
PACKAGES = (*sorted(it.module for it in SERVICES), "kernel")
HEAD = """# Errors

Made by `make messages`: do not edit. A refusal is `application/problem+json` by RFC 9457. Its `status` is
the status of the HTTP response, as the RFC requires; the status of a cart is in `cart_status`. Programs
should use `code`; `detail` is for people and may change; further members depend on the code.

| Status | Code | What it means |
|---|---|---|
"""
FAILED = """
## In `failure` of a checkout, and in `code` of a refund

A refusal after the checkout was accepted is recorded there, with its step and data. The codes of a refused
lock of the cart occur there as well.

| Code | What it means |
|---|---|
"""
OTHER_FAILURES: Mapping[str, str] = {
    "PAYMENT_OUTCOME_UNKNOWN": "The provider does not report the outcome; only with status needs_operator.",
    "NOT_DONE": "Of a refund: an operator has found that it was not paid.",
    "REFUND_MANUAL": "Of a refund: it is paid back by hand, and an operator resolves it.",
    "REFUND_NOT_SUPPORTED": "Of a refund: the gateway cannot make it; an operator pays it back.",
    "REFUND_NEEDS_ACTION": "Of a refund: the gateway needs something from people before it pays.",
    "REFUND_UNDECIDED": "Of a refund: the gateway has taken it, and has not decided within 30 days.",
    "REFUND_PAID_TWICE": "Of a refund: the gateway has paid it although it had been paid otherwise.",
    "REFUND_REVERSED": "Of a refund: the provider has taken its success back; also of a difference.",
    "ALREADY_ENROLLED": "Of a line: the customer has the course already.",
    "PLAN_NOT_FOUND": "Of a line: its plan is not known; it is tried again, for its facts may come later.",
    "PLAN_NOT_ACTIVE": "Of a line: its plan is archived and takes no more subscriptions.",
    "CURRENCY_NOT_PRICED": "Of a line: its plan has no price in the order's currency.",
}
DIFFERENT = """
## In `code` of a difference

What a reconciliation could not repair ([reconcile payments](how-to/reconcile-payments.md)).

| Code | What it means |
|---|---|
"""
DIFFERENCES: Mapping[str, str] = {
    "ANSWER_MISMATCH": "The provider has answered a call with another payment, amount, currency or key.",
    "AMOUNT_DIFFERS": "The provider has moved another amount or currency than is recorded.",
    "CLEARING_NOT_EMPTY": "Money of a checkout that has ended is still in the ledger's account clearing.",
    "DISPUTE_WITHOUT_PAYMENT": "A dispute about a payment that is not recorded.",
    "MONEY_FOUND": "Captured at the provider, and no sale accounts for it.",
    "NOT_AT_PROVIDER": "Recorded, and the provider does not know it.",
    "NOT_GIVEN_BACK": "The provider refuses to give back what no sale accounts for.",
    "WEBHOOKS_REFUSED": "No signature of several webhooks in a row fits the account's secrets.",
    "WEBHOOK_NOT_MATCHED": "An event about a payment that is not known, also after a day.",
    "WEBHOOK_UNREADABLE": "A signed webhook that is no event as the provider words them.",
    "REFUND_NOT_ASKED_FOR": "The provider has refunded what no order asked for.",
}
SIMULATED = """
## Of the simulated gateway

It refuses with the codes above. When it declines an operation, `code` of its answer is one of these, or
PAYMENT_DECLINED, INSUFFICIENT_FUNDS or CAPTURE_FAILED.

| Code | What it means |
|---|---|
"""
DECLINES: Mapping[str, str] = {
    "ALREADY_AUTHORIZED": "The payment is authorized already.",
    "ALREADY_CAPTURED": "The payment is captured already.",
    "ALREADY_VOIDED": "The payment is voided already.",
    "AUTHORIZATION_EXPIRED": "The authorization has ended, and was not captured in time.",
    "CAPTURE_EXCEEDS_AUTHORIZATION": "The capture is more than was authorized.",
    "DISPUTE_CLOSED": "Of a decision of the customer's bank: the dispute has ended otherwise.",
    "DISPUTE_NOT_FOUND": "Of a decision of the customer's bank: the gateway has no such dispute.",
    "GATEWAY_TIMEOUT": "The call was held open without an answer.",
    "NOT_AUTHORIZED": "Nothing is authorized.",
    "NOT_CAPTURED": "Nothing is captured.",
    "PAYMENT_NOT_DISPUTABLE": "So much was not captured, or it is refunded or disputed already.",
    "PAYMENT_NOT_FOUND": "Of an act of the customer or the bank: the gateway has not heard of the payment.",
    "PAYMENT_NOT_WAITING": "Of an act of the customer: the payment does not wait for it.",
    "REFUND_EXCEEDS_CAPTURE": "The refund is more than was captured and is neither refunded nor disputed.",
    "REFUND_FAILED": "The bank does not take the money back.",
    "VOID_REFUSED": "The authorization cannot be ended.",
}


def refusals() -> dict[tuple[int, str], str]:
    """Status and code -> meaning; if several services share a code, the longest meaning is used."""
    for package in PACKAGES:
        for module in walk_packages(import_module(package).__path__, f"{package}."):
            if not module.name.endswith("__main__"):
                import_module(module.name)
    statuses = {it: _statuses_of(it) for it in PACKAGES}
    found: defaultdict[tuple[int, str], set[str]] = defaultdict(set)
    for kind in {*Refused.__subclasses__(), *NotFound.__subclasses__()} - {NotFound}:
        package = kind.__module__.split(".")[0]
        if package in PACKAGES and kind is not CartRefused:
            found[status_of(kind, statuses[package]), kind.code].add(meaning_of(kind))
    for code, refusal in REFUSALS_AT_LOCK.items():
        found[refusal.status, code].add(refusal.means)
    return {key: max(sorted(meanings), key=len) for key, meanings in found.items()}


def _statuses_of(package: str) -> Statuses:
    """Those of all modules named ``statuses`` of the package, which are imported already."""
    names = sorted(
        name for name in sys.modules if name.startswith(f"{package}.") and name.endswith(".statuses")
    )
    tables = [getattr(sys.modules[name], "STATUSES", {}) for name in names]
    return {code: status for table in tables for code, status in table.items()}


def rows() -> Iterator[str]:
    own = {(it.status, code): it.means for code, it in CODES.items()}
    for (status, code), means in sorted((refusals() | own).items()):
        yield f"| {status} | {code} | {means} |\n"


def page() -> str:
    tables = [(FAILED, {**FAILURES, **OTHER_FAILURES}), (DIFFERENT, DIFFERENCES), (SIMULATED, DECLINES)]
    bodies = (
        head + "".join(f"| {code} | {means} |\n" for code, means in codes.items()) for head, codes in tables
    )
    return HEAD + "".join(rows()) + "".join(bodies)


if __name__ == "__main__":
    target = HERE / "errors.md"
    if sys.argv[1:] == ["--check"]:
        sys.exit(target.read_text() != page())
    target.write_text(page())
