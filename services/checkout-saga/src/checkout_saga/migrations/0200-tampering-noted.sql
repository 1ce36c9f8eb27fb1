-- Events are also noted of requests that were refused, which have no payment.
--
-- depends: 0170-fraud-events

COMMENT ON COLUMN fraud_events.subject IS
    'The payment: an attempt of a checkout to pay. Of the signal tampering: the request, under an id of its own.';
