"""Referrals in the catalogue's projection: the changes that a batch of facts makes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from cart.catalogue import news
from cart.catalogue.news import News
from contracts import referral_attribution, referral_override, referral_program, referral_rule
from contracts.envelope import Fact
from kernel.store.writing import Connection, columns

PROGRAM, RULE, ATTRIBUTION, OVERRIDE = "program", "rule", "attribution", "override"
TOTAL, REFERRER, REFEREE = "total", "referrer", "referee"
KINDS: tuple[type[Fact], ...] = (
    referral_program.Created,
    referral_program.Changed,
    referral_program.Activated,
    referral_program.Paused,
    referral_rule.Created,
    referral_rule.Changed,
    referral_rule.Disabled,
    referral_rule.UseHeld,
    referral_rule.UseRedeemed,
    referral_rule.UseReleased,
    referral_attribution.Created,
    referral_attribution.Confirmed,
    referral_attribution.Revoked,
    referral_override.Set,
    referral_override.Removed,
)
UPSERT_REFERRALS = """
    INSERT INTO catalogue_referrals AS r (tenant, kind, id, program_id, subject, version, data, valid_from)
    SELECT *, feira_now()
    FROM unnest($1::text[], $2::text[], $3::uuid[], $4::uuid[], $5::text[], $6::int[], $7::jsonb[])
    ON CONFLICT (tenant, kind, id) DO UPDATE
    SET program_id = coalesce(excluded.program_id, r.program_id),
        subject = coalesce(excluded.subject, r.subject), version = excluded.version,
        data = r.data || excluded.data, valid_from = excluded.valid_from
    WHERE r.version < excluded.version
    RETURNING r.tenant, r.kind, r.subject
"""
INSERT_REDEEMED = """
    INSERT INTO catalogue_referral_redeemed (tenant, rule_id, referee, checkout_id, redeemed_at)
    SELECT * FROM unnest($1::text[], $2::uuid[], $3::text[], $4::uuid[], $5::timestamptz[])
    ON CONFLICT DO NOTHING
"""
DELETE_RELEASED = """
    DELETE FROM catalogue_referral_redeemed r
    USING unnest($1::text[], $2::uuid[], $3::text[], $4::uuid[])
          AS released (tenant, rule_id, referee, checkout_id)
    WHERE (r.tenant, r.rule_id, r.referee, r.checkout_id)
        = (released.tenant, released.rule_id, released.referee, released.checkout_id)
"""
DELETE_SETTLED = """
    DELETE FROM catalogue_referral_redeemed r
    USING unnest($1::text[], $2::uuid[], $3::text[], $4::timestamptz[])
          AS changed (tenant, rule_id, referee, at)
    WHERE (r.tenant, r.rule_id, r.referee) = (changed.tenant, changed.rule_id, changed.referee)
      AND EXISTS (SELECT FROM catalogue_referral_redeemed later
                  WHERE (later.tenant, later.rule_id, later.referee) = (r.tenant, r.rule_id, r.referee)
                    AND later.redeemed_at > r.redeemed_at
                    AND later.redeemed_at < changed.at - interval '30 days')
"""
"""A use is given back while its checkout goes on: those of longer ago count for cooldowns by the last
alone."""
ADD_USES = """
    INSERT INTO catalogue_referral_uses AS u (tenant, rule_id, scope, person, uses, redeemed_at, valid_from)
    SELECT n.*, (SELECT max(r.redeemed_at) FROM catalogue_referral_redeemed r
                 WHERE n.scope = 'referee'
                   AND (r.tenant, r.rule_id, r.referee) = (n.tenant, n.rule_id, n.person)),
           feira_now()
    FROM unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::int[])
         AS n (tenant, rule_id, scope, person, uses)
    ON CONFLICT (tenant, rule_id, scope, person) DO UPDATE
    SET uses = u.uses + excluded.uses, redeemed_at = excluded.redeemed_at, valid_from = excluded.valid_from
    RETURNING u.tenant, u.rule_id, u.scope, u.person, u.uses,
              (SELECT (r.data #>> ARRAY['details', 'limits',
                  CASE u.scope WHEN 'total' THEN 'total' WHEN 'referrer' THEN 'per_referrer' END])::bigint
               FROM catalogue_referrals r
               WHERE (r.tenant, r.kind, r.id) = (u.tenant, 'rule', u.rule_id)) AS most
"""


@dataclass(slots=True)
class ReferralChange:
    program_id: UUID | None = None
    subject: str | None = None
    version: int = 0
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class ReferralRows:
    rows: dict[tuple[str, str, UUID], ReferralChange] = field(default_factory=dict)
    uses: dict[tuple[str, UUID, str, str], int] = field(default_factory=dict)
    """The differences."""
    redeemed: dict[tuple[str, UUID, str, UUID], datetime | None] = field(default_factory=dict)
    """By rule, referee and checkout; None: the use was given back."""

    def add(self, tenant: str, fact: Fact) -> None:
        match fact:
            case referral_rule.UseHeld():
                self._count(tenant, fact, 1)
            case referral_rule.UseReleased(referee_id=referee_id, checkout_id=checkout_id):
                self._count(tenant, fact, -1)
                self.redeemed[tenant, fact.originator_id, referee_id, checkout_id] = None
            case referral_rule.UseRedeemed(referee_id=referee_id, checkout_id=checkout_id):
                self.uses.setdefault((tenant, fact.originator_id, REFEREE, referee_id), 0)
                self.redeemed[tenant, fact.originator_id, referee_id, checkout_id] = fact.timestamp
            case _:
                self._change(tenant, fact)

    def _count(
        self, tenant: str, fact: referral_rule.UseHeld | referral_rule.UseReleased, difference: int
    ) -> None:
        for scope, person in ((TOTAL, ""), (REFERRER, fact.referrer_id), (REFEREE, fact.referee_id)):
            key = tenant, fact.originator_id, scope, person
            self.uses[key] = self.uses.get(key, 0) + difference

    def _change(self, tenant: str, fact: Fact) -> None:
        kind, data = _kind_and_data(fact)
        row = self.rows.setdefault((tenant, kind, fact.originator_id), ReferralChange())
        row.version = fact.originator_version
        row.data |= data
        match fact:
            case referral_rule.Created(details=details):
                row.program_id = details.program_id
            case referral_attribution.Created(program_id=program_id, referee_id=referee_id):
                row.program_id, row.subject = program_id, referee_id
            case referral_override.Set(scope=scope, subject_id=subject_id):
                row.subject = f"{scope}:{subject_id}"
            case _:
                pass

    # failpoint: none needed (consumer-batch), 2 calls
    async def write(self, connection: Connection, news_of_batch: News) -> None:
        """What may concern any customer is news of all of them; a use that leaves others some is not."""
        if self.rows:
            rows = [
                (*key, row.program_id, row.subject, row.version, row.data)
                for key, row in sorted(self.rows.items(), key=lambda pair: pair[0])
            ]
            for changed in await connection.fetch(UPSERT_REFERRALS, *columns(rows)):
                _tell(news_of_batch, changed["tenant"], _customer_of(changed["kind"], changed["subject"]))
        if self.redeemed:
            await self._write_redeemed(connection)
        if self.uses:
            uses = [(*key, self.uses[key]) for key in sorted(self.uses)]
            for counted in await connection.fetch(ADD_USES, *columns(uses)):
                tenant, rule_id, scope, person, now, most = counted
                before = now - self.uses[tenant, rule_id, scope, person]
                if scope == REFEREE:
                    _tell(news_of_batch, tenant, person)
                elif most is not None and (now >= most) != (before >= most):
                    _tell(news_of_batch, tenant, None)

    # failpoint: none needed (consumer-batch), 3 calls
    async def _write_redeemed(self, connection: Connection) -> None:
        uses = sorted(self.redeemed.items(), key=lambda pair: pair[0])
        redeemed = [(*key, at) for key, at in uses if at is not None]
        released = [key for key, at in uses if at is None]
        if redeemed:
            await connection.execute(INSERT_REDEEMED, *columns(redeemed))
        if released:
            await connection.execute(DELETE_RELEASED, *columns(released))
        if redeemed:
            last = {it[:3]: it[-1] for it in sorted(redeemed, key=lambda it: it[-1])}
            await connection.execute(DELETE_SETTLED, *columns([(*key, last[key]) for key in sorted(last)]))


def _kind_and_data(fact: Fact) -> tuple[str, dict[str, Any]]:
    match fact:
        case referral_program.Created() | referral_program.Changed():
            return PROGRAM, {"details": fact.details.model_dump(mode="json")}
        case referral_program.Activated() | referral_program.Paused():
            return PROGRAM, {"is_active": isinstance(fact, referral_program.Activated)}
        case referral_rule.Created() | referral_rule.Changed():
            return RULE, {"details": fact.details.model_dump(mode="json")}
        case referral_rule.Disabled():
            return RULE, {"is_disabled": True}
        case referral_attribution.Created(referrer_id=referrer_id):
            return ATTRIBUTION, {"referrer_id": referrer_id}
        case referral_attribution.Confirmed():
            return ATTRIBUTION, {"confirmed_at": fact.timestamp.isoformat()}
        case referral_attribution.Revoked():
            return ATTRIBUTION, {"is_revoked": True}
        case referral_override.Set():
            return OVERRIDE, {"word": fact.model_dump(mode="json")}
        case referral_override.Removed():
            return OVERRIDE, {"word": None}
        case _:
            raise AssertionError(f"{fact.TYPE} changes no referral")


def _customer_of(kind: str, subject: str | None) -> str | None:
    """The one customer whom the change concerns; None: any."""
    if kind == ATTRIBUTION:
        return subject
    scope, _, person = (subject or "").partition(":")
    return person if scope == "user" else None


def _tell(news_of_batch: News, tenant: str, customer_id: str | None) -> None:
    if customer_id is None:
        news_of_batch.add_all(tenant, news.CUSTOMER)
    else:
        news_of_batch.add(tenant, news.CUSTOMER, [customer_id])
