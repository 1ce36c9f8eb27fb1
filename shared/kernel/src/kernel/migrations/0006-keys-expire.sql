-- A replaced API key works until it expires.
--
-- depends: 0004-access

ALTER TABLE api_keys ADD COLUMN expires_at timestamptz;
COMMENT ON COLUMN api_keys.expires_at IS 'NULL: until it is revoked.';
