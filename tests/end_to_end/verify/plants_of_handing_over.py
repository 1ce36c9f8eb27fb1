"""Violations to plant into what is taken back, into seats, certificates, files and reconciliations."""

from tests.end_to_end.verify.plants import ABSENT, first, plant, recorded, rewritten

CODE = "(SELECT json_extract(body, '$.code') FROM log WHERE type = 'certification.issued' LIMIT 1)"


def issued(number: int, code: str) -> str:
    """A certificate in a stream of its own. ``code`` is SQL."""
    return recorded(number, "certification.issued", f"json_object('code', {code})")


def used(number: int) -> str:
    """A file is fetched once more."""
    return recorded(number, "download.used", "'{}'")


def charged(number: int) -> str:
    """A provider's fee, always the same one."""
    fee = "json_object('account_id', 'an account', 'reference', 'txn_1')"
    return recorded(number, "provider.fee_charged", fee)


def invoiced(number: int, shown: str) -> str:
    """An invoice with this number."""
    return recorded(number, "invoice.issued", f"json_object('number', '{shown}')")


HANDING_OVER = (
    plant("a number of an invoice that is left out", "I2", invoiced(1, "CN-2026-000002")),
    plant(
        "a number of two invoices",
        "I2",
        invoiced(1, "CN-2026-000001") + invoiced(2, "CN-2026-000001"),
    ),
    plant(
        "an invoice that was paid twice",
        "I2",
        recorded(1, "invoice.paid", "'{}'") + recorded(2, "invoice.paid", "'{}'"),
    ),
    plant(
        "a subscription without an invoice",
        "I2",
        recorded(1, "subscription.started", "json_object('period', json_object('number', 1))"),
    ),
    plant(
        "more units that came back than have left",
        "F3",
        rewritten("$.units[0].quantity", "77", first("return.received")),
    ),
    plant(
        "goods that came back, and whose refund was never asked for",
        "F3",
        rewritten("$.refund_id", ABSENT, first("return.received")),
    ),
    plant(
        "a return that waits for its goods, and that nothing ends",
        "F3",
        "DELETE FROM timer WHERE kind = 'return_expiry';",
    ),
    plant(
        "a licence with more seats taken than it was created with",
        "F5",
        rewritten("$.seats", "1", first("license.created")),
    ),
    plant(
        "an invitation to a seat that nothing ends",
        "F5",
        "DELETE FROM timer WHERE kind = 'seat_invitation';",
    ),
    plant(
        "a certification with two certificates",
        "F6",
        issued(1, "'A'") + issued(2, "'B'"),
    ),
    plant(
        "a certificate that was issued after it was revoked",
        "F6",
        recorded(1, "certification.revoked", "'{}'") + issued(2, "'A'"),
    ),
    plant("two certificates with one code", "F6", issued(1, CODE)),
    plant(
        "a file that was fetched more often than granted",
        "F7",
        recorded(1, "download.granted", "json_object('uses', 1)") + used(2) + used(3),
    ),
    plant(
        "a file that was fetched after it was taken back",
        "F7",
        recorded(1, "download.revoked", "'{}'") + used(2),
    ),
    plant(
        "a reconciliation that has not ended, and that nothing goes on with",
        "R1",
        recorded(1, "reconciliation.started", "'{}'"),
    ),
    plant("a fee of a provider that is noted twice", "R1", charged(1) + charged(2)),
)
