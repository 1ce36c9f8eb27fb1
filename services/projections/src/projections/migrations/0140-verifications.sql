-- What `feira verify` has found: verdicts and counts of each run, over all tenants, without rows of theirs.
--
-- depends: 0110-runs

CREATE TABLE verification (
    verification_id uuid             PRIMARY KEY,
    reported_at     timestamptz      NOT NULL DEFAULT now(),
    reported_by     text             NOT NULL,
    seconds         double precision NOT NULL,
    holds           boolean          NOT NULL,
    is_complete     boolean          NOT NULL,
    checks          jsonb            NOT NULL,
    compared        jsonb            NOT NULL,
    in_flight       jsonb            NOT NULL
);
CREATE INDEX latest_verifications ON verification (reported_at DESC, verification_id DESC);
COMMENT ON COLUMN verification.is_complete IS 'Every check that applies could be made.';

DO $$ BEGIN
    EXECUTE format('GRANT SELECT, INSERT, DELETE ON verification TO %I', current_database());
END $$;
