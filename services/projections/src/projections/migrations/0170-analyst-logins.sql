-- Whose rows an analyst's login sees in the views of the schema analytics. The views themselves are made from the
-- questions behind every migration (post-apply.py).
--
-- depends: 0002-time 0150-ledger

CREATE TABLE analyst_login (
    login      name        PRIMARY KEY,
    tenant     text        NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE analyst_login IS 'The tenant of each role with which an analyst signs in to this database.';

-- By session_user: SET ROLE and settings of the session change nothing.
CREATE FUNCTION analytics.my_tenant() RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT tenant FROM public.analyst_login WHERE login = session_user
$$;
COMMENT ON FUNCTION analytics.my_tenant IS 'The tenant of the login; null for every other role, which sees no rows.';

-- Analysts have no right to the table that a clock moved for tests is kept in.
CREATE FUNCTION analytics.feira_now() RETURNS timestamptz LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public
AS $$ SELECT feira_now() $$;
COMMENT ON FUNCTION analytics.feira_now IS 'The time of this Feira.';
