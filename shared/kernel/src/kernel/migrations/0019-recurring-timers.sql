-- Timers of upkeep that set themselves again and again, such as every quarter of an hour, are no steps of a move of
-- the clock: those that a step passes fire once, as after a pause.
--
-- depends: 0013-stack-clock

CREATE OR REPLACE FUNCTION clock_state(
    known integer, reached timestamptz, until timestamptz, recurring text[]
) RETURNS TABLE (
    now timestamptz, shift bigint, is_empty boolean, due bigint, overtaking bigint, in_progress bigint, upcoming bigint,
    due_times timestamptz[], publishes boolean, recorded bigint, published bigint, places jsonb
) LANGUAGE sql STABLE AS $$
    SELECT s.now, s.shift, s.is_empty, s.due, s.overtaking, s.in_progress,
           (SELECT count(*) FROM timers t WHERE t.due_at > feira_now() AND t.due_at <= until AND t.attempts = 0
            AND t.kind <> ALL(recurring)),
           ARRAY(SELECT t.due_at FROM timers t WHERE t.due_at > feira_now() AND t.due_at <= until AND t.attempts = 0
                 AND t.kind <> ALL(recurring) ORDER BY t.due_at LIMIT known),
           s.publishes, s.recorded, s.published, s.places
    FROM clock_state(0, reached, until) AS s
$$;
COMMENT ON FUNCTION clock_state(integer, timestamptz, timestamptz, text[]) IS
    'As clock_state of three arguments, but timers of these kinds are not upcoming.';
