-- The last numbers of invoices: a row for each tenant, series and year. It is raised in the transaction that stores
-- the facts with the numbers, so that a transaction that fails uses none.
--
-- depends: 0210-plan-copy

CREATE TABLE document_numbers (
    tenant text   NOT NULL,
    series text   NOT NULL,
    year   bigint NOT NULL,
    last   bigint NOT NULL,
    PRIMARY KEY (tenant, series, year)
);

DO $$
BEGIN
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON document_numbers TO %I', current_database());
END $$;
