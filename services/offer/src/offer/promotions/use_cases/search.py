"""Find promotions by what is known of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from kernel.unit_of_work import UnitOfWork
from offer.campaigns.domain.campaign import Campaign
from offer.catalogue.domain.listing import words_of
from offer.promotions.domain.promotion import Promotion
from offer.promotions.use_cases.promotions import CODE
from pricing.codes import canonical

ACTIVE, DISABLED = "active", "disabled"

NextIds = Callable[[str], Awaitable[Sequence[UUID]]]
"""Some ids of promotions after this one, in order; none at the end."""


@dataclass(frozen=True, slots=True)
class PromotionSearch:
    """All that is given must fit, and of several values one. Each of the ``words`` must begin a word of the
    name or the code."""

    words: frozenset[str] = frozenset()
    codes: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    statuses: frozenset[str] = frozenset()
    automatic: bool | None = None
    campaign_ids: frozenset[UUID] = frozenset()

    def finds(self, promotion: Promotion) -> bool:
        """Whether it fits, but for codes and campaigns, by which promotions are looked up."""
        terms = promotion.terms
        return (
            (not self.kinds or terms.kind in self.kinds)
            and (not self.statuses or (DISABLED if promotion.disabled else ACTIVE) in self.statuses)
            and self.automatic in {None, terms.code is None}
            and (not self.words or _begin_words(self.words, words_of(terms.name, terms.code)))
        )


async def search_promotions(
    search: PromotionSearch, after: str, limit: int, all_ids: NextIds, work: UnitOfWork
) -> list[Promotion]:
    """The first promotions after this id that fit, by their ids."""
    named = await _named(search, work)
    found: list[Promotion] = []
    while len(found) < limit:
        ids = await all_ids(after) if named is None else [it for it in named if str(it) > after]
        promotions = await work.open_many(Promotion, ids)
        found += (it for it in promotions.values() if it.exists and search.finds(it))
        if named is not None or not ids:
            break
        after = str(ids[-1])
    return found[:limit]


async def _named(search: PromotionSearch, work: UnitOfWork) -> list[UUID] | None:
    """The ids of those with the codes and of the campaigns; None if neither is asked for."""
    named: set[UUID] | None = None
    if search.codes:
        keys = {canonical(code) for code in search.codes} - {None}
        named = set((await work.owners_of_keys(CODE, [it for it in keys if it])).values())
    if search.campaign_ids:
        campaigns = await work.open_many(Campaign, search.campaign_ids)
        theirs = {it for campaign in campaigns.values() for it in campaign.details.promotion_ids}
        named = theirs if named is None else named & theirs
    return None if named is None else sorted(named)


def _begin_words(beginnings: Collection[str], words: Collection[str]) -> bool:
    return all(any(word.startswith(it) for word in words) for it in beginnings)
