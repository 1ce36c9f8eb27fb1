-- Due calls are taken by tenant and by the system that they go to, so that none waits behind those to a silent one. The
-- release before finds its due timers by this index, too, only not in their order.
--
-- depends: 0009-due-by-tenant
-- transactional: false

DROP INDEX CONCURRENTLY IF EXISTS timers_due_by_target;
CREATE INDEX CONCURRENTLY IF NOT EXISTS timers_due_by_target
    ON timers (tenant, coalesce(payload ->> 'target', ''), due_at);
DROP INDEX CONCURRENTLY IF EXISTS timers_due_by_tenant;
