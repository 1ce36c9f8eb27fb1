-- The copy of referrals: programs, rules, attributions and overrides, and the uses of rules.
--
-- depends: 0112-history

CREATE TABLE catalogue_referrals (
    tenant     text        NOT NULL,
    kind       text        NOT NULL,
    id         uuid        NOT NULL,
    program_id uuid,
    subject    text,
    version    bigint      NOT NULL,
    data       jsonb       NOT NULL,
    valid_from timestamptz NOT NULL,
    PRIMARY KEY (tenant, kind, id)
);
COMMENT ON COLUMN catalogue_referrals.kind IS 'program, rule, attribution or override.';
COMMENT ON COLUMN catalogue_referrals.subject IS 'The referee of an attribution; user or group and the subject of an override.';
CREATE INDEX catalogue_referrals_by_subject ON catalogue_referrals (tenant, subject) WHERE subject IS NOT NULL;
CREATE INDEX catalogue_referrals_of_program ON catalogue_referrals (tenant, program_id) WHERE kind = 'rule';

CREATE TABLE catalogue_referral_uses (
    tenant      text        NOT NULL,
    rule_id     uuid        NOT NULL,
    scope       text        NOT NULL,
    person      text        NOT NULL,
    uses        bigint      NOT NULL,
    redeemed_at timestamptz,
    valid_from  timestamptz NOT NULL,
    PRIMARY KEY (tenant, rule_id, scope, person)
);
COMMENT ON TABLE catalogue_referral_uses IS 'Uses of rules, in total (person is empty), by referrer and by referee: reserved or redeemed, and not given back.';

DO $do$
DECLARE
    copied record;
BEGIN
    FOR copied IN
        SELECT * FROM (VALUES
            ('catalogue_referrals', 'tenant, kind, id'),
            ('catalogue_referral_uses', 'tenant, rule_id, scope, person')
        ) AS tables (name, keys)
    LOOP
        EXECUTE format('CREATE TABLE %I (LIKE %I, valid_to timestamptz NOT NULL)',
                       copied.name || '_history', copied.name);
        EXECUTE format('CREATE INDEX ON %I (%s, valid_to)', copied.name || '_history', copied.keys);
        EXECUTE format('CREATE INDEX ON %I (valid_to)', copied.name || '_history');
        EXECUTE format($make$
            CREATE FUNCTION %1$I() RETURNS trigger LANGUAGE plpgsql AS $body$
            BEGIN
                INSERT INTO %1$I SELECT o.*, n.valid_from FROM gone o JOIN come n USING (%3$s)
                WHERE o.valid_from < n.valid_from;
                RETURN NULL;
            END $body$;
            CREATE TRIGGER keeps_history AFTER UPDATE ON %2$I REFERENCING OLD TABLE AS gone NEW TABLE AS come
                FOR EACH STATEMENT EXECUTE FUNCTION %1$I();
        $make$, copied.name || '_history', copied.name, copied.keys);
        PERFORM keep_tenants_apart(copied.name::regclass);
        PERFORM keep_tenants_apart((copied.name || '_history')::regclass);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE ON %I TO %I', copied.name, current_database());
        EXECUTE format('GRANT SELECT, INSERT, DELETE ON %I TO %I', copied.name || '_history', current_database());
    END LOOP;
END $do$;
