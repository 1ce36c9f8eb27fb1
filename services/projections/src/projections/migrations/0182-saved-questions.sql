-- Questions that analysts keep under a name, with what they are asked with.
--
-- depends: 0102-tenants-apart

CREATE TABLE saved_question (
    tenant     text        NOT NULL,
    saved_id   uuid        NOT NULL,
    owner      text        NOT NULL COLLATE "C",
    name       text        NOT NULL COLLATE "C",
    question   text        NOT NULL,
    parameters jsonb       NOT NULL,
    shared     boolean     NOT NULL,
    version    bigint      NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, saved_id),
    CONSTRAINT one_name_of_an_owner UNIQUE (tenant, owner, name)
);
CREATE INDEX saved_questions_by_name ON saved_question (tenant, name, saved_id);
COMMENT ON COLUMN saved_question.owner IS 'Role and name of the API key, as analyst:anna: a replaced key has the same.';
COMMENT ON COLUMN saved_question.parameters IS
    'As in the address of the page: name -> text. A relative range is kept as such, as {"range": "last_30_days"}.';
COMMENT ON COLUMN saved_question.shared IS 'Whether all analysts of the tenant see it.';

DO $$ BEGIN
    PERFORM keep_tenants_apart('saved_question');
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON saved_question TO %I', current_database());
END $$;
