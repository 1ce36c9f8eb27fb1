-- Due timers are taken tenant by tenant, so that no tenant waits behind the many timers of another.
--
-- depends: 0002-time

CREATE INDEX timers_due_by_tenant ON timers (tenant, due_at);
DROP INDEX timers_due;
