-- A key that has been replaced works until its time is up.
--
-- depends: 0004-access

ALTER TABLE api_keys ADD COLUMN expires_at timestamptz;
COMMENT ON COLUMN api_keys.expires_at IS 'NULL: until it is revoked.';
