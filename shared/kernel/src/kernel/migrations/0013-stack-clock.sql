-- The clock of a stack for trying things out: all its databases are moved together, forwards only.
--
-- depends: 0002-time 0003-messaging 0012-least-rights

CREATE OR REPLACE FUNCTION feira_now() RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN current_setting('feira.env', true) IN ('local', 'test')
                THEN now() + (SELECT shift FROM clock)
                ELSE now() END
$$;

CREATE TABLE clock_move (
    one     boolean     PRIMARY KEY DEFAULT true CHECK (one),
    state   text        NOT NULL DEFAULT 'still' CHECK (state IN ('still', 'moving', 'resetting')),
    reaches timestamptz
);
INSERT INTO clock_move DEFAULT VALUES;
COMMENT ON TABLE clock_move IS 'The last move that was asked for, in the database of the service that carries it out.';
COMMENT ON COLUMN clock_move.reaches IS 'The time that the clocks show at its end; NULL before the first move.';

-- Intervals of microseconds alone: one of days would be an hour off where the session's time zone changes its offset.
CREATE FUNCTION move_clock(microseconds bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF coalesce(current_setting('feira.env', true), '') NOT IN ('local', 'test') THEN
        RAISE EXCEPTION 'the clock is moved only where FEIRA_ENV is local or test'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    UPDATE clock SET shift = greatest(shift, microseconds * interval '1 microsecond');
END $$;
COMMENT ON FUNCTION move_clock IS 'Sets the shift, unless it is larger already: repeated and late calls change nothing.';

CREATE FUNCTION zero_clock() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF coalesce(current_setting('feira.env', true), '') NOT IN ('local', 'test') THEN
        RAISE EXCEPTION 'the clock is moved only where FEIRA_ENV is local or test'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    UPDATE clock SET shift = '0';
END $$;

CREATE FUNCTION reset_clock() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    -- nothing is appended to the log until this transaction ends
    PERFORM pg_advisory_xact_lock(7001);
    IF EXISTS (SELECT FROM log) OR EXISTS (SELECT FROM timers) THEN
        RETURN false;
    END IF;
    PERFORM zero_clock();
    RETURN true;
END $$;
COMMENT ON FUNCTION reset_clock IS 'False, and nothing is changed, if there are facts or timers.';

-- A timer with attempts is leased or tried again: machinery, whose time is the machine's. After three attempts it
-- counts as stuck and is not waited for.
CREATE FUNCTION clock_state(known integer, reached timestamptz, until timestamptz) RETURNS TABLE (
    now timestamptz, shift bigint, is_empty boolean, due bigint, overtaking bigint, in_progress bigint, upcoming bigint,
    due_times timestamptz[], publishes boolean, recorded bigint, published bigint, places jsonb
) LANGUAGE sql STABLE AS $$
    SELECT feira_now(),
           (SELECT (1000000 * extract(epoch FROM c.shift))::bigint FROM clock c),
           NOT EXISTS (SELECT FROM log) AND NOT EXISTS (SELECT FROM timers),
           (SELECT count(*) FROM timers t WHERE t.due_at <= least(reached, feira_now()) AND t.attempts <= 3),
           (SELECT count(*) FROM timers t WHERE t.due_at > reached AND t.due_at <= feira_now() AND t.attempts = 0),
           (SELECT count(*) FROM timers t WHERE t.due_at > feira_now()
            AND t.due_at <= feira_now() + interval '1 minute' AND t.attempts BETWEEN 1 AND 3),
           (SELECT count(*) FROM timers t WHERE t.due_at > feira_now() AND t.due_at <= until AND t.attempts = 0),
           ARRAY(SELECT t.due_at FROM timers t WHERE t.due_at > feira_now() AND t.due_at <= until AND t.attempts = 0
                 ORDER BY t.due_at LIMIT known),
           (SELECT r.epoch > 0 FROM relay_cursor r),
           (SELECT coalesce(max(l.position), 0) FROM log l),
           (SELECT r.position FROM relay_cursor r),
           (SELECT coalesce(jsonb_agg(jsonb_build_array(o.grp, o.topic, o.part, o.next_offset)), '[]')
            FROM consumer_offset o)
$$;
COMMENT ON FUNCTION clock_state IS
    'What is due up to one time, in progress and unread; when the next timers are due, at most so many, up to another.';

DO $$
DECLARE
    service text := current_database();
BEGIN
    REVOKE ALL ON FUNCTION move_clock, zero_clock FROM PUBLIC;
    EXECUTE format('GRANT EXECUTE ON FUNCTION move_clock, zero_clock TO %I', service);
    EXECUTE format('GRANT SELECT, UPDATE ON clock_move TO %I', service);
END $$;
