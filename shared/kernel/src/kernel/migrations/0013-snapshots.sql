-- Snapshots: the state of an aggregate with a long stream, so that a load reads only the facts behind it. They can be
-- deleted at any time: the log alone says what is true.
--
-- depends: 0001-log 0004-access 0005-tenants-apart

CREATE TABLE snapshots (
    stream_id  uuid        NOT NULL,
    fold       bytea       NOT NULL,
    tenant     text        NOT NULL CHECK (tenant <> ''),
    version    integer     NOT NULL CHECK (version > 0),
    message_id uuid        NOT NULL,
    state      bytea       NOT NULL,
    taken_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (stream_id, fold)
);
COMMENT ON TABLE snapshots IS 'The state of a stream at a version, as one version of the code folds it.';
COMMENT ON COLUMN snapshots.fold IS 'Identifies the code: processes with other code neither read nor replace it.';
COMMENT ON COLUMN snapshots.message_id IS 'The fact at that version: without it in the log the snapshot belongs to another history.';

DO $$
BEGIN
    PERFORM keep_tenants_apart('snapshots');
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON snapshots TO %I', current_database());
END $$;
