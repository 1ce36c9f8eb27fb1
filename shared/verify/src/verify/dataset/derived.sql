-- Derived tables, created once all sources have been copied.

CREATE INDEX log_by_message ON log (message_id);
CREATE INDEX log_by_type ON log (type);
CREATE INDEX log_by_checkout ON log (checkout_id) WHERE checkout_id IS NOT NULL;
CREATE INDEX record_by_stream ON record (stream_id, version);
CREATE INDEX operation_by_key ON operation (key);
CREATE INDEX operation_by_payment ON operation (payment_id);
CREATE INDEX payment_by_id ON payment (payment_id);

-- What happened to the steps of checkouts, in the order of `place`. A `checkout.advanced` has several of them, in
-- this order: done, refused, undone, begun. A step that checkout-saga did itself is done without having been begun.
-- In older streams each is a fact of its own.
CREATE TABLE step AS
SELECT stream_id AS checkout_id, tenant, 1000 * version AS place,
       CASE type WHEN 'checkout.step_started' THEN 'begun' WHEN 'checkout.step_completed' THEN 'done'
                 WHEN 'checkout.step_failed' THEN 'refused' WHEN 'checkout.step_compensated' THEN 'undone'
                 WHEN 'checkout.step_compensation_started' THEN 'undoing' END AS what,
       json_extract(body, '$.step') AS step
FROM log WHERE type LIKE 'checkout.step_%'
UNION ALL
SELECT l.stream_id, l.tenant, 1000 * l.version + part.first + e.key, part.what,
       CASE e.type WHEN 'object' THEN json_extract(e.value, '$.step') ELSE e.value END
FROM log l, (SELECT 'done' AS what, 0 AS first UNION ALL SELECT 'undone', 200 UNION ALL SELECT 'begun', 300
             UNION ALL SELECT 'undoing', 0) part, json_each(l.body, '$.' || part.what) e
WHERE l.type IN ('checkout.advanced', 'checkout.compensation_started')
UNION ALL
SELECT stream_id, tenant, 1000 * version + 100, 'refused', json_extract(body, '$.refused.step')
FROM log WHERE type = 'checkout.advanced' AND json_extract(body, '$.refused.step') IS NOT NULL;
CREATE INDEX step_by_checkout ON step (checkout_id, step);

-- expires_at: the present deadline, by the latest fact that has set it; is_upsell: it buys an upsell after a purchase,
-- and cart_id is the cart of that purchase
CREATE TABLE checkout AS
WITH deadline AS (
    SELECT stream_id, moment(json_extract(body, '$.expires_at')) AS expires_at, max(version) FROM log
    WHERE type IN ('checkout.started', 'checkout.deadline_moved') GROUP BY stream_id
)
SELECT stream_id AS checkout_id, tenant, d.expires_at,
       max(CASE type WHEN 'checkout.started' THEN json_extract(body, '$.cart_id') END) AS cart_id,
       max(CASE type WHEN 'checkout.completed' THEN 'completed' WHEN 'checkout.failed' THEN 'failed' END) AS ended,
       max(CASE WHEN type IN ('checkout.completed', 'checkout.failed') THEN position END) AS ended_at,
       max(type = 'checkout.compensation_started') AS taken_back,
       stream_id IN (SELECT checkout_id FROM step
                     WHERE step = 'capture_payment' AND what IN ('begun', 'done')) AS capturing,
       max(type = 'checkout.operator_needed') AS flagged,
       max(type = 'checkout.started' AND json_extract(body, '$.origin') IS NOT NULL) AS is_upsell
FROM log LEFT JOIN deadline d USING (stream_id) WHERE type LIKE 'checkout.%' GROUP BY stream_id;
CREATE UNIQUE INDEX checkout_by_id ON checkout (checkout_id);

-- commands of checkouts that are not handled yet; services forget handled commands after 30 days
CREATE TABLE under_way AS
SELECT c.checkout_id, c.type, c.message_id FROM log c
WHERE c.kind = 'command' AND NOT EXISTS (SELECT 1 FROM seen s WHERE s.stream_id = c.message_id)
  AND c.recorded_at > (SELECT value FROM horizon WHERE name = 'now') - 30 * 86400;
CREATE INDEX under_way_by_checkout ON under_way (checkout_id);

-- open dead letters of commands and replies: their checkouts are not checked
CREATE TABLE parked_for AS
SELECT DISTINCT coalesce(l.checkout_id, l.stream_id) AS checkout_id, p.service, p.parked_id, p.type, p.reason
FROM parked p JOIN log l ON l.stream_id = p.stream_id AND l.version = p.version
WHERE p.is_open AND p.service <> 'projections';

-- replies that checkout-saga has not handled yet
CREATE TABLE answer_under_way AS
SELECT DISTINCT l.checkout_id FROM log l
LEFT JOIN seen s ON s.stream_id = l.stream_id AND s.grp = 'checkout-saga' AND s.service = 'checkout-saga'
WHERE l.service <> 'checkout-saga' AND l.kind = 'fact' AND l.checkout_id IS NOT NULL
  AND l.version > coalesce(s.version, 0);

-- checkouts resolved by an operator: gateway operations may lack our keys
CREATE TABLE by_hand AS
SELECT DISTINCT stream_id AS checkout_id FROM log
WHERE type IN ('checkout.operator_resolved', 'checkout.operator_gave_up')
UNION SELECT c.checkout_id FROM log r JOIN log c ON c.stream_id = r.stream_id AND c.type = 'order.created'
WHERE r.type = 'order.refund_resolved';

-- checkouts that have ended, with no work in flight: all checks apply to them
CREATE TABLE judged AS
SELECT checkout_id, tenant, ended, cart_id, is_upsell FROM checkout
WHERE ended_at <= (SELECT value FROM horizon WHERE name = 'settled')
  AND checkout_id NOT IN (SELECT checkout_id FROM under_way WHERE checkout_id IS NOT NULL)
  AND checkout_id NOT IN (SELECT checkout_id FROM parked_for WHERE checkout_id IS NOT NULL);
CREATE UNIQUE INDEX judged_by_id ON judged (checkout_id);

CREATE TABLE payment_fact AS
SELECT position, stream_id AS payment_id, tenant, type, checkout_id,
       json_extract(body, '$.amount') AS amount, json_extract(body, '$.currency') AS currency,
       json_extract(body, '$.key') AS key, json_extract(body, '$.reference') AS reference
FROM log WHERE type LIKE 'payment.%';
CREATE INDEX payment_fact_by_key ON payment_fact (key);

CREATE TABLE orders AS
SELECT stream_id AS order_id, position, tenant, checkout_id, json_extract(body, '$.payment_id') AS payment_id,
       json_extract(body, '$.cart_id') AS cart_id, json_extract(body, '$.sale.currency') AS currency,
       json_extract(body, '$.sale.totals.total') AS total
FROM log WHERE type = 'order.created';
CREATE INDEX orders_by_id ON orders (order_id);
CREATE INDEX orders_by_checkout ON orders (checkout_id);
CREATE INDEX orders_by_payment ON orders (payment_id);

-- order lines with their charges; the row without line_id is the shipping
CREATE TABLE order_line AS
SELECT o.stream_id AS order_id, json_extract(e.value, '$.line_id') AS line_id,
       json_extract(e.value, '$.product_id') AS product_id, json_extract(e.value, '$.quantity') AS quantity,
       json_extract(e.value, '$.total') AS amount, json_extract(e.value, '$.tax') AS tax
FROM log o, json_each(o.body, '$.sale.lines') e WHERE o.type = 'order.created';
CREATE INDEX order_line_by_order ON order_line (order_id, line_id);
INSERT INTO order_line
SELECT l.stream_id, NULL, NULL, 0,
       json_extract(l.body, '$.sale.totals.total') - (SELECT sum(amount) FROM order_line WHERE order_id = l.stream_id),
       json_extract(l.body, '$.sale.totals.tax') - (SELECT sum(tax) FROM order_line WHERE order_id = l.stream_id)
FROM log l WHERE l.type = 'order.created';
-- refunded shares by order line, from the facts' allocations
CREATE TABLE given_back AS
SELECT r.stream_id AS order_id, r.version, json_extract(e.value, '$.line_id') AS line_id,
       json_extract(e.value, '$.quantity') AS quantity, json_extract(e.value, '$.amount') AS amount,
       json_extract(e.value, '$.tax') AS tax
FROM log r, json_each(r.body, '$.allocation') e WHERE r.type = 'order.refunded';

-- the latest fact of each refund; for_people: an operator pays it back, and the gateway is not called
CREATE TABLE refund_now AS
SELECT stream_id AS order_id, json_extract(body, '$.refund_id') AS refund_id, tenant, type,
       max(version) AS version, max(position) AS position,
       type = 'order.refund_stuck' AND json_extract(body, '$.code')
           IN ('REFUND_MANUAL', 'REFUND_NOT_SUPPORTED', 'REFUND_NEEDS_ACTION') AS for_people
FROM log WHERE type IN ('order.refund_requested', 'order.refund_retried', 'order.refund_pending',
                        'order.refund_stuck', 'order.refund_failed', 'order.refunded')
GROUP BY stream_id, refund_id HAVING refund_id IS NOT NULL;
CREATE INDEX refund_now_by_order ON refund_now (order_id);

-- money of each order; orders with a running refund are not reconciled
CREATE TABLE order_money AS
SELECT stream_id AS order_id,
       sum(CASE type WHEN 'order.paid' THEN json_extract(body, '$.amount') ELSE 0 END) AS paid,
       sum(CASE type WHEN 'order.refunded' THEN json_extract(body, '$.amount') ELSE 0 END) AS refunded,
       EXISTS (SELECT 1 FROM refund_now n WHERE n.order_id = stream_id
               AND n.type NOT IN ('order.refunded', 'order.refund_failed'))
         OR max(CASE WHEN type LIKE 'order.refund%' THEN position ELSE 0 END)
            > (SELECT value FROM horizon WHERE name = 'settled') AS refunding,
       max(type = 'order.cancelled') AS cancelled,
       max(type = 'order.refund_paid_twice'
           OR (type = 'order.refund_resolved' AND json_extract(body, '$.outcome') = 'done')) AS paid_outside
FROM log WHERE type LIKE 'order.%' GROUP BY stream_id;
CREATE UNIQUE INDEX order_money_by_id ON order_money (order_id);

-- checkouts of whose payment and order the ledger has applied every fact that the log has
CREATE TABLE booked AS
WITH money AS (
    SELECT payment_id AS stream_id, checkout_id, tenant FROM payment_fact
    UNION SELECT order_id, checkout_id, tenant FROM orders
), lacking AS (
    SELECT l.stream_id FROM log l JOIN read_model_type m ON m.name = 'ledger' AND m.type = l.type
    LEFT JOIN seen s ON s.stream_id = l.stream_id AND s.grp = 'projections.ledger' AND s.service = 'projections'
    WHERE l.version > coalesce(s.version, 0)
    UNION SELECT stream_id FROM behind WHERE grp = 'projections.ledger'
    UNION SELECT stream_id FROM parked
    WHERE grp = 'projections.ledger' AND stream_id IS NOT NULL AND (is_open OR resolution LIKE 'discard%')
)
SELECT checkout_id, min(tenant) AS tenant FROM money
WHERE EXISTS (SELECT 1 FROM read_model_type WHERE name = 'ledger')
GROUP BY checkout_id HAVING NOT max(stream_id IN (SELECT stream_id FROM lacking));
CREATE UNIQUE INDEX booked_by_id ON booked (checkout_id);
CREATE TABLE ledger_balance AS
SELECT checkout_id, tenant, account, currency, sum(amount) AS amount FROM ledger_entry
WHERE checkout_id IS NOT NULL GROUP BY checkout_id, tenant, account, currency;
CREATE INDEX ledger_balance_by_checkout ON ledger_balance (checkout_id);
-- what disputes have moved at the gateway: they are compared by themselves, since they are heard of later
CREATE TABLE disputed_balance AS
SELECT checkout_id, sum(amount) AS amount FROM ledger_entry
WHERE checkout_id IS NOT NULL AND account LIKE 'gateway.%' AND type LIKE 'payment.dispute_%'
GROUP BY checkout_id;
CREATE UNIQUE INDEX disputed_balance_by_checkout ON disputed_balance (checkout_id);
CREATE TABLE live_authorization AS
SELECT a.checkout_id, sum(a.amount) AS amount FROM payment_fact a
WHERE a.type = 'payment.authorized' AND NOT EXISTS (
    SELECT 1 FROM payment_fact f WHERE f.payment_id = a.payment_id
    AND f.type IN ('payment.captured', 'payment.voided'))
GROUP BY a.checkout_id;
CREATE TABLE open_refund AS
SELECT o.checkout_id, sum(json_extract(r.body, '$.amount')) AS amount FROM refund_now n
JOIN orders o USING (order_id)
JOIN log r ON r.stream_id = n.order_id AND r.type = 'order.refund_requested'
    AND json_extract(r.body, '$.refund_id') = n.refund_id
WHERE n.type NOT IN ('order.refunded', 'order.refund_failed')
GROUP BY o.checkout_id;

-- the positions of what made the sale of each converted cart: its lock in cart's log, the rest in offer's. The first
-- of each: the answer to a repeated command has the same type and outcome, for a cart in a stream of its own
CREATE TABLE sold AS
SELECT c.tenant, c.stream_id AS cart_id, c.checkout_id,
       min(CASE l.type WHEN 'cart.locked' THEN l.position END) AS locked_at,
       min(CASE l.type WHEN 'redemption.made' THEN l.position END) AS held_at,
       min(CASE l.type WHEN 'referral.applied' THEN l.position END) AS applied_at,
       min(CASE l.type WHEN 'price.confirmed' THEN l.position END) AS confirmed_at
FROM log c JOIN log n ON n.stream_id = c.stream_id AND n.type = 'cart.created'
JOIN log l ON l.checkout_id = c.checkout_id AND l.kind = 'fact'
WHERE c.type = 'cart.converted' GROUP BY c.checkout_id;
CREATE UNIQUE INDEX sold_by_checkout ON sold (checkout_id);

CREATE TABLE capture AS
SELECT o.merchant, o.payment_id, p.checkout_id, o.key, o.amount, o.currency, o.reference
FROM operation o LEFT JOIN payment p ON p.payment_id = o.payment_id AND p.merchant = o.merchant
WHERE o.operation = 'capture' AND o.status = 'captured';
CREATE INDEX capture_by_payment ON capture (payment_id);
CREATE TABLE refund AS
SELECT merchant, payment_id, currency, sum(amount) AS amount FROM operation
WHERE operation = 'refund' AND status = 'refunded' GROUP BY merchant, payment_id, currency;
CREATE INDEX refund_by_payment ON refund (payment_id);

CREATE TABLE reservation AS
SELECT checkout_id, tenant, stream_id AS reservation_id,
       max(type = 'reservation.made') AND NOT max(type IN ('reservation.confirmed', 'reservation.released',
           'reservation.expired', 'reservation.confirmation_refused')) AS live,
       max(type = 'reservation.confirmed') AS sold,
       min(CASE type WHEN 'reservation.made' THEN recorded_at END) AS made_at,
       max(CASE WHEN type IN ('reservation.made', 'reservation.extended')
           THEN moment(json_extract(body, '$.expires_at')) END) AS expires_at
FROM log WHERE type LIKE 'reservation.%' GROUP BY stream_id;
UPDATE reservation SET checkout_id = (
    SELECT l.checkout_id FROM log l
    WHERE l.stream_id = reservation_id AND l.checkout_id IS NOT NULL LIMIT 1) WHERE checkout_id IS NULL;
CREATE INDEX reservation_by_checkout ON reservation (checkout_id);

-- units by checkout and product: by reservations (promised) and by stocks (moved)
CREATE TABLE promised AS
SELECT r.checkout_id, h.product_id, sum(h.quantity * (h.type = 'reservation.made') * r.live) AS held,
       sum(h.quantity * (h.type = 'reservation.confirmed')) AS sold,
       r.live AND r.expires_at < (SELECT value FROM horizon WHERE name = 'now') + 60 AS is_over
FROM reservation r JOIN (
    SELECT l.stream_id, l.type, json_extract(e.value, '$.product_id') AS product_id,
           json_extract(e.value, '$.quantity') AS quantity
    FROM log l, json_each(l.body, '$.held') e
    WHERE l.type IN ('reservation.made', 'reservation.confirmed')
      AND l.version = (SELECT min(version) FROM log f WHERE f.stream_id = l.stream_id AND f.type = l.type)
) h ON h.stream_id = r.reservation_id
GROUP BY r.checkout_id, h.product_id;
CREATE UNIQUE INDEX promised_by_checkout ON promised (checkout_id, product_id);
CREATE TABLE moved AS
SELECT checkout_id, json_extract(body, '$.product_id') AS product_id,
       sum(json_extract(body, '$.quantity') * CASE type WHEN 'stock.reserved' THEN 1 ELSE -1 END) AS held,
       sum(json_extract(body, '$.quantity') * (type = 'stock.confirmed')) AS sold
FROM log WHERE type IN ('stock.reserved', 'stock.confirmed', 'stock.released', 'stock.expired')
GROUP BY checkout_id, product_id;
CREATE UNIQUE INDEX moved_by_checkout ON moved (checkout_id, product_id);
CREATE TABLE ordered AS
SELECT o.checkout_id, json_extract(e.value, '$.product_id') AS product_id,
       sum(json_extract(e.value, '$.quantity') * coalesce(json_extract(e.value, '$.units'), 1)) AS quantity
FROM log o, json_each(o.body, '$.sale.lines') e WHERE o.type = 'order.created'
GROUP BY o.checkout_id, product_id;
CREATE UNIQUE INDEX ordered_by_checkout ON ordered (checkout_id, product_id);
-- units of courses that ordered bundles may have taken along, by any version of the bundle
CREATE TABLE bundled AS
SELECT o.checkout_id, c.course_id AS product_id, sum(o.quantity) AS quantity
FROM ordered o JOIN (
    SELECT DISTINCT p.stream_id AS bundle_id, e.value AS course_id
    FROM log p, json_each(p.body, '$.details.course_ids') e WHERE p.type IN ('product.created', 'product.changed')
) c ON c.bundle_id = o.product_id
GROUP BY o.checkout_id, c.course_id;
CREATE UNIQUE INDEX bundled_by_checkout ON bundled (checkout_id, product_id);

-- consumer offsets of the current cluster and the latest relay generation
CREATE TABLE newest AS
SELECT topic, part, max(generation) AS generation FROM record WHERE kind <> 'unreadable' GROUP BY topic, part;
CREATE TABLE place_now AS
SELECT p.* FROM place p LEFT JOIN newest n USING (topic, part)
WHERE p.cluster_id = (SELECT cluster_id FROM broker) AND p.generation >= coalesce(n.generation, 0);
CREATE TABLE relay_now AS
SELECT r.*, r.cluster_id = (SELECT cluster_id FROM broker) AND NOT EXISTS (
    SELECT 1 FROM json_each(r.published) e JOIN part p ON e.key = p.topic || '/' || p.part
    WHERE e.value >= p.ends) AS intact
FROM relay r;

CREATE TABLE stream AS SELECT stream_id, min(tenant) AS tenant FROM log WHERE kind = 'fact' GROUP BY stream_id;
CREATE UNIQUE INDEX stream_by_id ON stream (stream_id);
ANALYZE;
