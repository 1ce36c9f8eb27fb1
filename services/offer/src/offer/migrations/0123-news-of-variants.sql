-- A product of which a variant is made is news of that product, too: active variants are sold in its place.
--
-- depends: 0121-offer-news

CREATE FUNCTION tell_variant_news() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    parent text := convert_from(NEW.body, 'UTF8')::jsonb #>> '{details,variant_of}';
BEGIN
    IF parent IS NOT NULL THEN
        PERFORM pg_notify('offer_news', json_build_object('tenant', NEW.tenant, 'changed', parent)::text);
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION tell_variant_news IS 'Names the product of which the changed one is a variant.';

CREATE TRIGGER variant_news AFTER INSERT ON log FOR EACH ROW WHEN (
    NEW.type IN ('product.created', 'product.changed')
) EXECUTE FUNCTION tell_variant_news();
