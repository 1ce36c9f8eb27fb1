"""Subscriptions to reports: a saved question, an address and a schedule, for their owner and admins."""

from __future__ import annotations

from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

from email_validator import EmailNotValidError, validate_email

from contracts.roles import ADMINS
from kernel import ids
from kernel.domain import NotFound, Refused
from kernel.http.auth import Principal
from kernel.http.problems import invalid
from kernel.security.personal_data import PersonalData
from kernel.store.event_store import Transaction
from kernel.store.writing import Connection
from projections.reports.mails import schedule_of
from projections.reports.owner_keys import owner_id
from projections.reports.schedule import Schedule
from projections.reports.schemas import ReportToSend
from projections.saved_questions.rows import FIND as FIND_SAVED
from projections.saved_questions.rows import SavedQuestionNotFound

MAX_OF_OWNER = 50
COUNT = "SELECT count(*) FROM report_subscription WHERE tenant = $1 AND owner = $2"
INSERT = """
    INSERT INTO report_subscription
        (tenant, subscription_id, saved_id, owner, owner_id, address,
         every, weekday, month_day, hour, time_zone, next_at, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, feira_now())
"""
SHOWN = """
    SELECT s.*, q.name AS saved_name, last.period, last.state AS last_state, last.reason, last.queued_at
    FROM report_subscription s JOIN saved_question q USING (tenant, saved_id)
    LEFT JOIN LATERAL (
        SELECT * FROM report_mail m WHERE (m.tenant, m.subscription_id) = (s.tenant, s.subscription_id)
        ORDER BY queued_at DESC, mail_id DESC LIMIT 1) AS last ON true
    WHERE s.tenant = $1 AND (s.owner = $2 OR $3)
"""
FIND = f"{SHOWN} AND s.subscription_id = $4"
PAGE = f"""
    {SHOWN} AND ($4::uuid IS NULL OR s.subscription_id > $4) ORDER BY s.subscription_id LIMIT $5
"""
LOCK = """
    SELECT * FROM report_subscription
    WHERE tenant = $1 AND (owner = $2 OR $3) AND subscription_id = $4 FOR UPDATE
"""
SET_STATE = """
    UPDATE report_subscription SET state = $3, next_at = $4 WHERE tenant = $1 AND subscription_id = $2
"""
DELETE = "DELETE FROM report_subscription WHERE tenant = $1 AND subscription_id = $2"
SEND_NOW = """
    INSERT INTO report_mail (tenant, mail_id, subscription_id, try_at, queued_at)
    SELECT $1, $2, $3, feira_now(), feira_now()
    WHERE NOT EXISTS (SELECT FROM report_mail
                      WHERE tenant = $1 AND subscription_id = $3 AND state IN ('queued', 'sending'))
"""


class ReportSubscriptionNotFound(NotFound):
    """There is no such subscription to a report, or it is another analyst's."""

    code = "REPORT_SUBSCRIPTION_NOT_FOUND"


class ReportSubscriptionEnded(Refused):
    """The subscription ended with the last API key of its owner: its address is erased."""

    code = "REPORT_SUBSCRIPTION_ENDED"


class TooManyReportSubscriptions(Refused):
    """An owner may have 50 subscriptions to reports."""

    code = "TOO_MANY_REPORT_SUBSCRIPTIONS"


def scope_of(caller: Principal) -> tuple[str, str, bool]:
    """Whose subscriptions the caller sees: of the tenant, of this owner, or of all owners."""
    return caller.tenant, caller.actor, caller.role in ADMINS


def check(body: ReportToSend) -> tuple[str, Schedule]:
    """The address as it is written to, and the schedule. Raises a ``Problem``."""
    if (body.weekday is not None) != (body.every == "weekly"):
        raise invalid("A weekly report, and no other, has a day of the week.", "/weekday")
    if (body.month_day is not None) != (body.every == "monthly"):
        raise invalid("A monthly report, and no other, has a day of the month.", "/month_day")
    if body.time_zone not in available_timezones():
        raise invalid("The time zone must be one of IANA, such as Europe/Lisbon.", "/time_zone")
    try:
        found = validate_email(body.address, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        raise invalid("This is no e-mail address.", "/address") from None
    return found.normalized, Schedule(body.every, body.weekday, body.month_day, body.hour, body.time_zone)


# failpoint: none needed (store-transaction), 2 calls
async def create(
    transaction: Transaction, addresses: PersonalData, caller: Principal, body: ReportToSend
) -> UUID:
    address, schedule = check(body)
    connection = transaction.connection
    if await connection.fetchrow(FIND_SAVED, caller.tenant, caller.actor, body.saved_question_id) is None:
        raise SavedQuestionNotFound("There is no such saved question.")
    if await connection.fetchval(COUNT, caller.tenant, caller.actor) >= MAX_OF_OWNER:
        raise TooManyReportSubscriptions(f"There are {MAX_OF_OWNER} already.")
    owner, subscription_id = owner_id(caller.tenant, caller.actor), ids.new_id()
    addresses.forget(caller.tenant, owner)  # the worker may have erased the key that this process remembers
    sealed = addresses.encrypt(await addresses.key_for(caller.tenant, owner), {"address": address})
    await connection.execute(
        INSERT,
        caller.tenant,
        subscription_id,
        body.saved_question_id,
        caller.actor,
        owner,
        sealed,
        *(body.every, body.weekday, body.month_day, body.hour, body.time_zone),
        schedule.next_after(transaction.now).moment,
    )
    return subscription_id


async def find(connection: Connection, caller: Principal, subscription_id: UUID) -> Any:
    row = await connection.fetchrow(FIND, *scope_of(caller), subscription_id)
    if row is None:
        raise ReportSubscriptionNotFound("There is no such subscription.")
    return row


async def lock(connection: Connection, caller: Principal, subscription_id: UUID) -> Any:
    row = await connection.fetchrow(LOCK, *scope_of(caller), subscription_id)
    if row is None:
        raise ReportSubscriptionNotFound("There is no such subscription.")
    return row


# failpoint: none needed (store-transaction)
async def set_state(transaction: Transaction, row: Any, state: str) -> None:
    """Pause or resume; what was due while it was paused is not sent. ``row``: locked."""
    _require_an_address(row)
    next_at = schedule_of(row).next_after(transaction.now).moment
    await transaction.connection.execute(SET_STATE, row["tenant"], row["subscription_id"], state, next_at)


# failpoint: none needed (store-transaction)
async def send_now(transaction: Transaction, row: Any) -> None:
    """Queue a mail besides those of the periods, unless one waits already. ``row``: locked."""
    _require_an_address(row)
    values = row["tenant"], ids.new_id(), row["subscription_id"]
    await transaction.connection.execute(SEND_NOW, *values)


# failpoint: none needed (store-transaction)
async def delete(transaction: Transaction, row: Any) -> None:
    """With its address and its mails. ``row``: locked."""
    await transaction.connection.execute(DELETE, row["tenant"], row["subscription_id"])


def _require_an_address(row: Any) -> None:
    if row["state"] == "ended":
        raise ReportSubscriptionEnded("Its address is erased. Make a new one.")
