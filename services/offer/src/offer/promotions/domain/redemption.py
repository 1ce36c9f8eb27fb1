"""One checkout's uses of promotions, referral rules and campaigns: held once, then redeemed or released."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import assert_never
from uuid import UUID

from contracts import redemption as facts
from contracts.offer import CampaignUse
from contracts.promotion import ReservationRefused
from contracts.referral import Snapshot
from kernel import ids
from kernel.domain import Aggregate
from offer.campaigns.domain.campaign import Campaign
from offer.inventory.domain.reply_to import CANCELLED_EARLIER, ReplyTo
from offer.promotions.domain.promotion import INVALID_CODE, LIMIT_REACHED, Ineligibility, Promotion
from offer.referral.domain.application import ReferralApplication
from offer.referral.domain.rule import ReferralRule
from pricing.referral_candidates import Grant, Ineligible, Withheld

NOTHING = facts.Made(checkout_id=ids.NIL_ID, step="", promotion_ids=(), customer_id="")


def redemption_id(checkout_id: UUID) -> UUID:
    return ids.derive_id(checkout_id, "redemption")


@dataclass(frozen=True, slots=True)
class Counted:
    """What counts the uses: the aggregates that change together with a ``Redemption``, by id."""

    application: ReferralApplication
    promotions: Mapping[UUID, Promotion]
    rules: Mapping[UUID, ReferralRule] = field(default_factory=dict)
    campaigns: Mapping[UUID, Campaign] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a checkout asks for. ``customer_ids``: all of the customer's; ``refused``: promotions that others
    than the promotion itself refuse, its campaign or the conditions about the customer; ``referrals``: the
    rules, judged."""

    customer_id: str
    customer_ids: Collection[str]
    promotion_ids: tuple[UUID, ...]
    refused: Mapping[UUID, Ineligibility] = field(default_factory=dict)
    referrals: tuple[Grant | Withheld, ...] = ()
    snapshots: tuple[Snapshot, ...] = ()
    costs: Mapping[UUID, int] = field(default_factory=dict)
    """By campaign, in the currency of its budget."""


class Redemption(Aggregate):
    """Changes what counts the uses together with itself. It keeps the outcome of each request, so that a
    repeated request gets the same reply and changes nothing."""

    def initialise(self) -> None:
        self.reserved: facts.Made | ReservationRefused | None = None
        """The first reply to the request to reserve."""
        self.redeemed: facts.Redeemed | None = None
        self.held = NOTHING
        """What is held or redeemed."""
        self.released = False

    def reserve(self, to: ReplyTo, wanted: Wanted, counted: Counted, now: datetime) -> None:
        """Hold one use of each promotion and rule, and what the sale costs each campaign: all or nothing."""
        match self.reserved:
            case facts.Made():
                self._record_made(to, self.reserved)
            case ReservationRefused(code=code, detail=detail, promotion_id=promotion_id):
                self._refuse(to, code, detail, promotion_id)
            case None if self.released or self.redeemed:
                self._refuse(to, *CANCELLED_EARLIER)
            case None:
                self._reserve(to, wanted, counted, now)

    def redeem(self, to: ReplyTo, counted: Counted, order_id: UUID, now: datetime) -> None:
        """Make the uses final. A checkout that reserved none gets the same reply, with no promotions in it;
        one whose uses were released or refused gets a refusal."""
        if self.redeemed is None and (self.released or isinstance(self.reserved, ReservationRefused)):
            self._refuse(to, *CANCELLED_EARLIER)
            return
        if self.redeemed is None:
            checkout_id, referee_id = to.process_id, self.held.customer_id
            for promotion_id in self.held.promotion_ids:
                counted.promotions[promotion_id].redeem(checkout_id, referee_id)
            for it in self.held.referrals:
                counted.rules[it.rule_id].redeem(checkout_id, referee_id, it.referrer_id)
            for use in self.held.campaigns:
                counted.campaigns[use.campaign_id].use(checkout_id, use.amount)
            counted.application.redeem(to, order_id, now)
        redeemed = self.held.promotion_ids if self.redeemed is None else self.redeemed.promotion_ids
        self.record(facts.Redeemed(checkout_id=to.process_id, step=to.step, promotion_ids=redeemed))

    def release(self, to: ReplyTo, counted: Counted) -> None:
        """Return the uses, also redeemed ones: the whole checkout is being compensated then."""
        checkout_id, referee_id = to.process_id, self.held.customer_id
        for promotion_id in self.held.promotion_ids:
            counted.promotions[promotion_id].release(checkout_id, referee_id)
        for it in self.held.referrals:
            counted.rules[it.rule_id].release(checkout_id, referee_id, it.referrer_id)
        for use in self.held.campaigns:
            campaign = counted.campaigns[use.campaign_id]
            campaign.release(checkout_id, use.amount, was_used=self.redeemed is not None)
        if not self.released:
            counted.application.release(to)
        self.record(facts.Released(checkout_id=to.process_id, step=to.step))

    def _reserve(self, to: ReplyTo, wanted: Wanted, counted: Counted, now: datetime) -> None:
        promotion_ids = tuple(sorted(set(wanted.promotion_ids)))
        for promotion_id in promotion_ids:
            promotion = counted.promotions[promotion_id]
            ineligibility = promotion.ineligibility(now, wanted.customer_ids)
            if ineligibility := ineligibility or wanted.refused.get(promotion_id):
                detail = f"{_name(promotion)} cannot be used: {ineligibility.reason}."
                self._refuse(to, ineligibility.code, detail, promotion_id)
                return
        for withheld in (it for it in wanted.referrals if isinstance(it, Withheld)):
            code = LIMIT_REACHED if withheld.reason is Ineligible.LIMIT_REACHED else INVALID_CODE
            self._refuse(to, code, f"Referral rule {withheld.rule_id} gives nothing: {withheld.reason}.")
            return
        costs = tuple(
            CampaignUse(campaign_id=it, amount=amount)
            for it, amount in sorted(wanted.costs.items())
            if amount
        )
        if too_much := [it for it in costs if not counted.campaigns[it.campaign_id].fits(it.amount)]:
            for it in too_much:
                counted.campaigns[it.campaign_id].refuse(it.amount)
            detail = f"The budget of campaign {too_much[0].campaign_id} has no room for this sale."
            self._refuse(to, LIMIT_REACHED, detail)
            return
        grants = [it.referral for it in wanted.referrals if isinstance(it, Grant)]
        made = facts.Made(
            checkout_id=to.process_id,
            step=to.step,
            promotion_ids=promotion_ids,
            customer_id=wanted.customer_id,
            referrals=tuple(
                facts.HeldReferral(
                    rule_id=it.rule_id, attribution_id=it.attribution_id, referrer_id=it.referrer_id
                )
                for it in sorted(grants, key=lambda it: it.rule_id)
            ),
            campaigns=costs,
        )
        self._hold(to, made, counted)
        if wanted.snapshots:
            counted.application.apply(to, wanted.snapshots)
        self._record_made(to, made)

    @staticmethod
    def _hold(to: ReplyTo, made: facts.Made, counted: Counted) -> None:
        for promotion_id in made.promotion_ids:
            counted.promotions[promotion_id].reserve(to.process_id, made.customer_id)
        for it in made.referrals:
            counted.rules[it.rule_id].hold(to.process_id, made.customer_id, it.referrer_id)
        for use in made.campaigns:
            counted.campaigns[use.campaign_id].hold(to.process_id, use.amount)

    def _record_made(self, to: ReplyTo, made: facts.Made) -> None:
        self.record(
            facts.Made(
                checkout_id=to.process_id,
                step=to.step,
                promotion_ids=made.promotion_ids,
                customer_id=made.customer_id,
                referrals=made.referrals,
                campaigns=made.campaigns,
            )
        )

    def _refuse(self, to: ReplyTo, code: str, detail: str, promotion_id: UUID | None = None) -> None:
        self.record(
            ReservationRefused(
                checkout_id=to.process_id,
                step=to.step,
                code=code,
                detail=detail,
                promotion_id=promotion_id,
            )
        )

    def evolve(self, fact: facts.RedemptionFact) -> None:
        match fact:
            case facts.Made() if self.reserved is None:
                self.reserved = self.held = fact
            case facts.Made() | ReservationRefused():
                self.reserved = self.reserved or fact
            case facts.Redeemed():
                self.redeemed = self.redeemed or fact
            case facts.Released():
                self.released = True
                self.held = NOTHING
            case _:
                assert_never(fact)


def _name(promotion: Promotion) -> str:
    return f"Promotion {promotion.terms.code or promotion.id}"
