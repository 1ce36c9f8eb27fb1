"""The part of the excerpt's statement that reads the referrals of the wanted customers: a row for each rule
of each program in which a customer has an attribution. A referee's uses are those of all the person's ids."""

REFERRALS = """
    SELECT 'referral', r.id, NULL, a.subject, NULL, jsonb_build_object(
        'rule', r.data, 'program_id', p.id, 'program', p.data, 'attribution_id', a.id, 'attribution', a.data,
        'overrides', (SELECT jsonb_agg(o.data -> 'word') FROM catalogue_referrals o
            WHERE o.tenant = $1 AND o.kind = 'override' AND jsonb_typeof(o.data -> 'word') = 'object'
              AND (o.subject = 'user:' || a.subject OR o.subject = ANY(
                  SELECT 'group:' || segment FROM customers c, unnest(c.segments) AS segment
                  WHERE c.tenant = $1 AND c.customer_id = a.subject))
              AND (o.data #>> '{word,program_id}' = p.id::text OR o.data #>> '{word,rule_id}' = r.id::text)),
        'uses', (SELECT jsonb_object_agg(scope, jsonb_build_object('uses', uses, 'at', redeemed_at)) FROM (
            SELECT u.scope, sum(u.uses) AS uses, max(u.redeemed_at) AS redeemed_at
            FROM catalogue_referral_uses u
            WHERE u.tenant = $1 AND u.rule_id = r.id AND (u.scope, u.person) IN (
                SELECT 'total', ''
                UNION ALL SELECT 'referrer', a.data ->> 'referrer_id'
                UNION ALL SELECT 'referee', person.id FROM people person WHERE person.customer_id = a.subject)
            GROUP BY u.scope) AS used)), NULL
    FROM catalogue_referrals a
    JOIN catalogue_referrals p ON p.tenant = $1 AND p.kind = 'program' AND p.id = a.program_id
    JOIN catalogue_referrals r ON r.tenant = $1 AND r.kind = 'rule' AND r.program_id = a.program_id
    WHERE a.tenant = $1 AND a.kind = 'attribution' AND a.subject = ANY($6) AND NOT a.data ? 'is_revoked'
"""
