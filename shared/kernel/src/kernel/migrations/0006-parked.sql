-- What operators do about dead letters, and how a batch that is under way notices it.
--
-- depends: 0003-messaging 0004-access 0005-tenants-apart

ALTER TABLE consumer_offset ADD COLUMN redriven integer NOT NULL DEFAULT 0;
COMMENT ON COLUMN consumer_offset.redriven IS 'Raised whenever parked records are handled again: a batch that waited for that must look again.';

ALTER TABLE parked ADD COLUMN attempts integer NOT NULL DEFAULT 0;
COMMENT ON COLUMN parked.attempts IS 'How often it was tried again.';
CREATE INDEX parked_open_in_order ON parked (parked_id) WHERE resolved_at IS NULL;

CREATE TABLE parked_acts (
    act_id    bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    parked_id bigint      NOT NULL REFERENCES parked,
    tenant    text        NOT NULL CHECK (tenant <> ''),
    actor     text        NOT NULL,
    act       text        NOT NULL CHECK (act IN ('retry', 'discard')),
    reason    text        CHECK (act = 'retry' OR reason <> ''),
    outcome   text        NOT NULL,
    acted_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX acts_of_a_record ON parked_acts (parked_id);
DO $$ BEGIN PERFORM keep_tenants_apart('parked_acts'); END $$;
COMMENT ON TABLE parked_acts IS 'Who did what about a parked record; tenant is that of the operator''s key.';

DO $$
BEGIN
    EXECUTE format('GRANT SELECT, INSERT ON parked_acts TO %I', current_database());
END $$;
