"""Which customer ids belong to one person: folded from the facts about links, independent of the services'
code."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from math import inf

from verify.dataset.dataset import Dataset

FACTS = """
    SELECT stream_id, tenant, type, customer, body, recorded_at FROM log
    WHERE type IN ('customer.linked', 'customer.erased') ORDER BY stream_id, version
"""
KNOWN_WITHIN = 600.0
"""Seconds after which every service must count by a link, or by its end. Until then a use is judged as that
of one id: the offer service follows the checkout's facts, and may have stood still."""


@dataclass(frozen=True, slots=True)
class Link:
    account: str
    guest: str
    since: float
    until: float

    def counts_at(self, moment: float) -> bool:
        return self.since + KNOWN_WITHIN <= moment <= self.until - KNOWN_WITHIN


class People:
    """Ids are hashes, as they are in the dataset."""

    def __init__(self, dataset: Dataset) -> None:
        self._links: defaultdict[tuple[str, str], list[Link]] = defaultdict(list)
        """By tenant and id, the account's or the guest's."""
        begun: dict[str, list[tuple[str, str, str, float]]] = {}
        """By stream, the links that have not ended: tenant, account, guest and since when."""
        for row in dataset.sql.execute(FACTS):
            open_links = begun.setdefault(row["stream_id"], [])
            if row["type"] == "customer.linked":
                guest = json.loads(row["body"])["guest"]
                open_links.append((row["tenant"], row["customer"], guest, row["recorded_at"]))
            else:
                self._end(open_links, row["recorded_at"])
                open_links.clear()
        for open_links in begun.values():
            self._end(open_links, inf)

    def _end(self, begun: Iterable[tuple[str, str, str, float]], until: float) -> None:
        for tenant, account, guest, since in begun:
            for customer in (account, guest):
                self._links[tenant, customer].append(Link(account, guest, since, until))

    def ids(self, tenant: str, customer: str, moment: float) -> set[str]:
        """All ids of the customer\'s person, as every service must know them at this moment."""
        links = [it for it in self._links.get((tenant, customer), ()) if it.counts_at(moment)]
        accounts = {customer, *(it.account for it in links)}
        guests = (it for account in accounts for it in self._links.get((tenant, account), ()))
        return accounts | {it.guest for it in guests if it.account in accounts and it.counts_at(moment)}
