"""Keep messages apart that would be too many: alike ones to the shop, and invitations to one address.

They take turns: numbered unique keys, of which few stand. Two that are decided at once want the same number,
so that one of them is decided again. A recovered log has no turns: then the first of alike messages is sent,
and counts anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from checkout_saga.notifications.domain.notification import Notification
from kernel.unit_of_work import UnitOfWork

TURN = "notification_turn"
"""Kind of the unique key of a turn; the value ends with its number."""
INVITATIONS, PERIOD = 3, timedelta(days=1)
"""So many may go to one address in so much time."""
KEPT = 16
"""Turns of alike messages that stand. A number is free again only after so many others: one that is decided
from turns read before must find its number taken."""


class Turn(NamedTuple):
    number: int
    holder: UUID


async def may_invite(notification: Notification, address: UUID, work: UnitOfWork) -> bool:
    """Whether the address has not been sent too many invitations. Those that operators repeat count."""
    prefix = f"seat/{address}/"
    turns = await _turns(prefix, work)
    known = await work.open_many(Notification, {notification.id, *(it.holder for it in turns)})
    recent = {id_: it.requests_since(work.now - PERIOD) for id_, it in known.items()}
    if sum(recent.values()) > INVITATIONS:
        return False
    if notification.id not in {it.holder for it in turns}:
        _take(prefix, turns, notification.id, [it for it in turns if not recent[it.holder]], work)
    return True


class Alike(NamedTuple):
    """What is known of a message among those like it."""

    leader: UUID
    """The one that was let through last; it may be this one."""
    left_out: int
    """How many were left out since, with this one if it is one of them; if it leads: before it."""


async def place_of(notification: Notification, interval: timedelta, work: UnitOfWork) -> Alike | None:
    """Whether a message to the shop may be sent, or follows one like it too soon. None: it leads already."""
    prefix = f"interval/{notification.channel_id}/{notification.kind}/{notification.code or ''}/"
    turns = await _turns(prefix, work)
    if not turns:
        _take(prefix, turns, notification.id, turns[:-KEPT], work)
        return Alike(notification.id, 0)
    newest = await work.open(Notification, turns[-1].holder)
    leader = newest.left_out_after or newest.id
    if leader == notification.id:
        return None
    led_at = (await work.open(Notification, leader)).requested_at[-1]
    _take(prefix, turns, notification.id, turns[:-KEPT], work)
    if abs(notification.requested_at[-1] - led_at) < interval:
        return Alike(leader, newest.left_out + 1)
    return Alike(notification.id, newest.left_out)


async def _turns(prefix: str, work: UnitOfWork) -> Sequence[Turn]:
    """Oldest first."""
    held = await work.keys_with_prefix(TURN, prefix)
    return sorted(Turn(int(value.removeprefix(prefix)), holder) for value, holder in held.items())


# failpoint: none needed (intent)
def _take(prefix: str, turns: Sequence[Turn], holder: UUID, over: Sequence[Turn], work: UnitOfWork) -> None:
    """``over``: the turns that do not count any more."""
    for it in over:
        work.release_key(TURN, f"{prefix}{it.number}")
    work.claim_key(TURN, f"{prefix}{turns[-1].number + 1 if turns else 1}", holder)
