-- Each read model has offsets, deduplication and dead letters of its own, under its scope. What they shared under the
-- group `projections` is copied to each, so that no fact is lost or applied twice.
--
-- depends: 0007-parked-apart 0010-readers-behind 0012-least-rights 0110-runs

-- Waits for batches that are under way. Later ones of older processes find no offsets and may store none, and older
-- processes do not start again: they compare all of read_model with the versions of their code, and the row below is
-- none of them.
LOCK TABLE consumer_offset IN EXCLUSIVE MODE;
INSERT INTO read_model (name, version) VALUES ('own offsets', 1);
COMMENT ON TABLE read_model IS
    'What the tables hold. A process applies nothing to a read model of which its code has another version.';

CREATE TEMP TABLE own_topic ON COMMIT DROP AS
SELECT * FROM (VALUES ('projections.conversion', 'cart.events'), ('projections.conversion', 'checkout.events'),
                      ('projections.products', 'checkout.events'),
                      ('projections.checkout_operations', 'checkout.events')) AS v (scope, topic);

INSERT INTO consumer_offset (grp, topic, part, cluster_id, generation, next_offset, redriven)
SELECT scope, topic, part, cluster_id, generation, next_offset, redriven
FROM consumer_offset JOIN own_topic USING (topic) WHERE grp = 'projections';

INSERT INTO consumer_seen (grp, stream_id, version)
SELECT scope, stream_id, version FROM consumer_seen, (SELECT DISTINCT scope FROM own_topic) AS s
WHERE grp = 'projections';

INSERT INTO consumer_behind (grp, stream_id, handled)
SELECT scope, stream_id, handled FROM consumer_behind, (SELECT DISTINCT scope FROM own_topic) AS s
WHERE grp = 'projections'
ON CONFLICT DO NOTHING;

-- forced row-level security applies to the table's owner, too, who has no policy
ALTER TABLE parked NO FORCE ROW LEVEL SECURITY;
INSERT INTO parked (grp, topic, part, record_offset, record_key, headers, body, tenant, type, stream_id, version,
                    reason, error, parked_at, resolved_at, resolution, attempts)
SELECT scope, topic, part, record_offset, record_key, headers, body, tenant, type, stream_id, version,
       reason, error, parked_at, resolved_at, resolution, attempts
FROM parked JOIN own_topic USING (topic)
WHERE grp = 'projections' AND (resolved_at IS NULL OR resolution LIKE 'discarded%')
ORDER BY parked_id;
UPDATE parked SET resolved_at = now(), resolution = 'moved to each read model'
WHERE grp = 'projections' AND resolved_at IS NULL;
ALTER TABLE parked FORCE ROW LEVEL SECURITY;

DELETE FROM consumer_behind WHERE grp = 'projections';
DELETE FROM consumer_seen WHERE grp = 'projections';
DELETE FROM consumer_offset WHERE grp = 'projections';
ALTER TABLE consumer_offset ADD CONSTRAINT not_shared CHECK (grp <> 'projections');

-- A rebuild by older code would find no offsets and put empty tables in place of the live ones. It locks consumer_offset
-- as a whole first, for which a role needs UPDATE on the table: UPDATE on its columns is enough for rows.
DO $$
DECLARE
    service text := current_database();
BEGIN
    EXECUTE format('REVOKE UPDATE ON consumer_offset FROM %I', service);
    EXECUTE format('GRANT UPDATE (cluster_id, generation, next_offset, redriven) ON consumer_offset TO %I', service);
END $$;
