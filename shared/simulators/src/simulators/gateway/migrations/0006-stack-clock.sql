-- The gateway's clock moves with those of its stack: the same functions as in the services' databases.
--
-- depends: 0002-access 0005-least-rights

CREATE OR REPLACE FUNCTION feira_now() RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN current_setting('feira.env', true) IN ('local', 'test')
                THEN now() + (SELECT shift FROM clock)
                ELSE now() END
$$;

CREATE FUNCTION move_clock(microseconds bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF coalesce(current_setting('feira.env', true), '') NOT IN ('local', 'test') THEN
        RAISE EXCEPTION 'the clock is moved only where FEIRA_ENV is local or test'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    UPDATE clock SET shift = greatest(shift, microseconds * interval '1 microsecond');
END $$;

CREATE FUNCTION zero_clock() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF coalesce(current_setting('feira.env', true), '') NOT IN ('local', 'test') THEN
        RAISE EXCEPTION 'the clock is moved only where FEIRA_ENV is local or test'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    UPDATE clock SET shift = '0';
END $$;

-- The service's role looks for payments: the owner would see none of them, for row-level security is forced.
CREATE FUNCTION reset_clock() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    -- no payment is begun until this transaction ends
    LOCK TABLE payment IN SHARE MODE;
    IF EXISTS (SELECT FROM payment) THEN
        RETURN false;
    END IF;
    PERFORM zero_clock();
    RETURN true;
END $$;

-- It has neither timers nor a log nor consumers.
CREATE FUNCTION clock_state(known integer, reached timestamptz, until timestamptz) RETURNS TABLE (
    now timestamptz, shift bigint, is_empty boolean, due bigint, overtaking bigint, in_progress bigint, upcoming bigint,
    due_times timestamptz[], publishes boolean, recorded bigint, published bigint, places jsonb
) LANGUAGE sql STABLE AS $$
    SELECT feira_now(), (SELECT (1000000 * extract(epoch FROM c.shift))::bigint FROM clock c),
           NOT EXISTS (SELECT FROM payment), 0::bigint, 0::bigint, 0::bigint, 0::bigint, ARRAY[]::timestamptz[],
           false, 0::bigint, 0::bigint, '[]'::jsonb
$$;

DO $$
DECLARE
    service text := current_database();
BEGIN
    REVOKE ALL ON FUNCTION move_clock, zero_clock FROM PUBLIC;
    EXECUTE format('GRANT EXECUTE ON FUNCTION move_clock, zero_clock TO %I', service);
END $$;
