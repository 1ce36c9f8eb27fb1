-- Copies of all sources, in a file: a million events need little memory.

CREATE TABLE log (
    service      TEXT    NOT NULL,
    position     INTEGER NOT NULL,
    stream_id    TEXT    NOT NULL,
    version      INTEGER NOT NULL,
    message_id   TEXT    NOT NULL,
    kind         TEXT    NOT NULL,
    tenant       TEXT    NOT NULL,
    topic        TEXT    NOT NULL,
    key          TEXT    NOT NULL,
    type         TEXT    NOT NULL,
    causation_id TEXT    NOT NULL,
    recorded_at  REAL    NOT NULL,
    digest       BLOB    NOT NULL,
    checkout_id  TEXT,
    customer     TEXT,
    body         TEXT,
    PRIMARY KEY (service, position)
) WITHOUT ROWID;

-- for an unreadable record message_id is the reason
CREATE TABLE record (
    topic       TEXT    NOT NULL,
    part        INTEGER NOT NULL,
    off         INTEGER NOT NULL,
    kind        TEXT    NOT NULL,
    stream_id   TEXT,
    version     INTEGER,
    message_id  TEXT,
    key         TEXT,
    tenant      TEXT,
    type        TEXT,
    source      TEXT,
    generation  INTEGER NOT NULL,
    recorded_at REAL,
    digest      BLOB,
    came_later  INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (topic, part, off)
) WITHOUT ROWID;

CREATE TABLE snapshot (
    service    TEXT    NOT NULL,
    stream_id  TEXT    NOT NULL,
    tenant     TEXT    NOT NULL,
    version    INTEGER NOT NULL,
    message_id TEXT    NOT NULL,
    state      TEXT    NOT NULL
);

CREATE TABLE part (
    topic      TEXT    NOT NULL,
    part       INTEGER NOT NULL,
    parts      INTEGER NOT NULL,
    begins     INTEGER NOT NULL,
    ends       INTEGER NOT NULL,
    PRIMARY KEY (topic, part)
) WITHOUT ROWID;

CREATE TABLE relay (
    service    TEXT PRIMARY KEY,
    position   INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    cluster_id TEXT,
    published  TEXT    NOT NULL
);

CREATE TABLE place (
    service     TEXT    NOT NULL,
    grp         TEXT    NOT NULL,
    topic       TEXT    NOT NULL,
    part        INTEGER NOT NULL,
    cluster_id  TEXT    NOT NULL,
    generation  INTEGER NOT NULL,
    next_offset INTEGER NOT NULL
);

CREATE TABLE seen (
    service   TEXT    NOT NULL,
    grp       TEXT    NOT NULL,
    stream_id TEXT    NOT NULL,
    version   INTEGER NOT NULL,
    PRIMARY KEY (stream_id, grp, service)
) WITHOUT ROWID;

-- what selective groups take; a group that is not here takes everything
CREATE TABLE taken_family (
    grp    TEXT NOT NULL,
    family TEXT NOT NULL,
    PRIMARY KEY (grp, family)
) WITHOUT ROWID;

CREATE TABLE behind (
    service   TEXT    NOT NULL,
    grp       TEXT    NOT NULL,
    stream_id TEXT    NOT NULL,
    handled   INTEGER NOT NULL,
    PRIMARY KEY (stream_id, grp, service)
) WITHOUT ROWID;

CREATE TABLE parked (
    service       TEXT    NOT NULL,
    parked_id     INTEGER NOT NULL,
    grp           TEXT    NOT NULL,
    topic         TEXT    NOT NULL,
    part          INTEGER NOT NULL,
    record_offset INTEGER NOT NULL,
    tenant        TEXT,
    type          TEXT,
    stream_id     TEXT,
    version       INTEGER,
    reason        TEXT    NOT NULL,
    is_open       INTEGER NOT NULL,
    resolution    TEXT,
    message_id    TEXT
);

CREATE TABLE timer (
    service TEXT    NOT NULL,
    subject TEXT    NOT NULL,
    kind    TEXT    NOT NULL,
    tenant  TEXT    NOT NULL,
    due_at  REAL    NOT NULL,
    tries   INTEGER NOT NULL,
    PRIMARY KEY (subject, kind, service)
) WITHOUT ROWID;

CREATE TABLE idempotency (
    tenant  TEXT NOT NULL,
    route   TEXT NOT NULL,
    key     TEXT NOT NULL,
    subject TEXT NOT NULL
);

-- rows of any table that refer to a stream, to compare their tenants
CREATE TABLE belonging (
    service TEXT NOT NULL,
    what    TEXT NOT NULL,
    tenant  TEXT NOT NULL,
    subject TEXT NOT NULL
);

CREATE TABLE payment (
    merchant    TEXT    NOT NULL,
    payment_id  TEXT    NOT NULL,
    checkout_id TEXT,
    status      TEXT    NOT NULL,
    currency    TEXT,
    authorized  INTEGER NOT NULL,
    captured    INTEGER NOT NULL,
    refunded    INTEGER NOT NULL
);

CREATE TABLE dispute (
    merchant   TEXT    NOT NULL,
    dispute_id TEXT    NOT NULL,
    payment_id TEXT    NOT NULL,
    status     TEXT    NOT NULL,
    amount     INTEGER NOT NULL,
    currency   TEXT    NOT NULL
);

CREATE TABLE fee (
    merchant  TEXT    NOT NULL,
    reference TEXT    NOT NULL,
    amount    INTEGER NOT NULL,
    currency  TEXT    NOT NULL
);

CREATE TABLE operation (
    merchant   TEXT    NOT NULL,
    key        TEXT    NOT NULL,
    operation  TEXT    NOT NULL,
    payment_id TEXT    NOT NULL,
    number     INTEGER NOT NULL,
    status     TEXT    NOT NULL,
    code       TEXT,
    amount     INTEGER,
    currency   TEXT,
    reference  TEXT
);

CREATE TABLE read_model (
    name          TEXT    NOT NULL,
    version       INTEGER NOT NULL,
    topic         TEXT    NOT NULL,
    part          INTEGER NOT NULL,
    applied_count INTEGER NOT NULL,
    last_offset   INTEGER NOT NULL
);
CREATE TABLE product_revenue (
    tenant     TEXT    NOT NULL,
    currency   TEXT    NOT NULL,
    product_id TEXT    NOT NULL,
    revenue    INTEGER NOT NULL
);
-- the read model of money: a debit is positive, a credit negative
CREATE TABLE ledger_entry (
    tenant      TEXT    NOT NULL,
    stream_id   TEXT    NOT NULL,
    version     INTEGER NOT NULL,
    type        TEXT    NOT NULL,
    account     TEXT    NOT NULL,
    currency    TEXT    NOT NULL,
    amount      INTEGER NOT NULL,
    checkout_id TEXT
);
CREATE TABLE read_model_type (name TEXT NOT NULL, type TEXT NOT NULL);

-- "now" by the services' clock; "settled": the last position of checkout-saga's log before the ledger was read
CREATE TABLE horizon (name TEXT PRIMARY KEY, value REAL NOT NULL);
CREATE TABLE broker (cluster_id TEXT NOT NULL);
