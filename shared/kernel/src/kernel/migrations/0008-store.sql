-- Store the changes of units of work with one statement: for a few rows the round trips would cost more than the work.
-- Every writer keeps to one sequence, so that two seldom deadlock: timers, then the log (whose lock every writer
-- takes), then unique keys and responses.
--
-- depends: 0001-log 0002-time 0004-access

CREATE FUNCTION store(
    gone_subject uuid[], gone_kind text[],
    timer_subject uuid[], timer_kind text[], timer_tenant text[], timer_due_at timestamptz[], timer_payload jsonb[],
    timer_correlation_id text[], timer_causation_id text[], timer_traceparent text[], timer_occurred_at timestamptz[],
    timer_attempts integer[],
    log_stream_id uuid[], log_version integer[], log_message_id uuid[], log_kind text[], log_tenant text[],
    log_topic text[], log_key uuid[], log_type text[], log_schema_version smallint[], log_body bytea[],
    log_correlation_id text[], log_causation_id text[], log_actor text[], log_traceparent text[],
    log_recorded_at timestamptz[], log_occurred_at timestamptz[],
    free_tenant text[], free_kind text[], free_value text[],
    claim_tenant text[], claim_kind text[], claim_value text[], claim_holder uuid[],
    answer_tenant text[], answer_route text[], answer_key text[], answer_request_hash bytea[], answer_subject uuid[],
    answer_status smallint[], answer_body bytea[], answer_etag text[], answer_recorded_at timestamptz[]
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF cardinality(gone_subject) > 0 THEN
        DELETE FROM timers t USING unnest(gone_subject, gone_kind) AS gone (subject, kind)
        WHERE t.subject = gone.subject AND t.kind = gone.kind;
    END IF;
    IF cardinality(timer_subject) > 0 THEN
        INSERT INTO timers AS t (subject, kind, tenant, due_at, payload, correlation_id, causation_id, traceparent,
                                 occurred_at, attempts)
        SELECT * FROM unnest(timer_subject, timer_kind, timer_tenant, timer_due_at, timer_payload,
                             timer_correlation_id, timer_causation_id, timer_traceparent, timer_occurred_at,
                             timer_attempts)
        ON CONFLICT (subject, kind) DO UPDATE
        SET due_at = excluded.due_at, payload = excluded.payload, attempts = excluded.attempts,
            correlation_id = excluded.correlation_id, causation_id = excluded.causation_id,
            traceparent = excluded.traceparent, occurred_at = excluded.occurred_at;
    END IF;
    IF cardinality(log_stream_id) > 0 THEN
        INSERT INTO log (stream_id, version, message_id, kind, tenant, topic, key, type, schema_version, body,
                         correlation_id, causation_id, actor, traceparent, recorded_at, occurred_at)
        SELECT * FROM unnest(log_stream_id, log_version, log_message_id, log_kind, log_tenant, log_topic, log_key,
                             log_type, log_schema_version, log_body, log_correlation_id, log_causation_id, log_actor,
                             log_traceparent, log_recorded_at, log_occurred_at);
    ELSIF cardinality(free_value) + cardinality(claim_value) + cardinality(answer_key) > 0 THEN
        PERFORM pg_advisory_xact_lock(7001);
    END IF;
    IF cardinality(free_value) > 0 THEN
        DELETE FROM claims c USING unnest(free_tenant, free_kind, free_value) AS gone (tenant, kind, value)
        WHERE (c.tenant, c.kind, c.value) = (gone.tenant, gone.kind, gone.value);
    END IF;
    IF cardinality(claim_value) > 0 THEN
        INSERT INTO claims (tenant, kind, value, holder)
        SELECT * FROM unnest(claim_tenant, claim_kind, claim_value, claim_holder);
    END IF;
    IF cardinality(answer_key) > 0 THEN
        INSERT INTO idempotency (tenant, route, key, request_hash, subject, status, body, etag, recorded_at)
        SELECT * FROM unnest(answer_tenant, answer_route, answer_key, answer_request_hash, answer_subject,
                             answer_status, answer_body, answer_etag, answer_recorded_at);
    END IF;
END $$;
