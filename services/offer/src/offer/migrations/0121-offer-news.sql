-- Tell the processes of the service, with the commit, which offers and products have changed: they keep public offers in
-- memory.
--
-- depends: 0001-log

CREATE FUNCTION tell_offer_news() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed text := CASE
        WHEN NEW.type LIKE 'upsell.%' OR NEW.type LIKE 'experiment.%'
            THEN convert_from(NEW.body, 'UTF8')::jsonb ->> 'offer_id'
        WHEN NEW.type LIKE 'campaign.%' OR NEW.type LIKE 'pricing_policy.%'
            THEN NULL
        ELSE NEW.stream_id::text
    END;
BEGIN
    PERFORM pg_notify('offer_news', json_build_object('tenant', NEW.tenant, 'changed', changed)::text);
    RETURN NULL;
END $$;
COMMENT ON FUNCTION tell_offer_news IS 'Names the offer or the product; null: anything of the tenant.';

CREATE TRIGGER offer_news AFTER INSERT ON log FOR EACH ROW WHEN (
    NEW.type IN (
        'offer.changed', 'offer.published', 'offer.paused', 'offer.archived', 'offer.price_changed',
        'upsell.created', 'upsell.changed', 'upsell.removed',
        'experiment.started', 'experiment.stopped',
        'product.changed', 'product.activated', 'product.archived',
        'campaign.changed', 'campaign.started', 'campaign.paused', 'campaign.ended', 'campaign.exhausted',
        'campaign.reopened', 'pricing_policy.set'
    )
) EXECUTE FUNCTION tell_offer_news();
