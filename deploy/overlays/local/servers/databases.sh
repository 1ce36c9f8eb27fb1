#!/bin/sh
# The PostgreSQL image runs this once, in an empty data folder. For each database three roles: its owner, the service,
# and the one in which the service reads for its callers. Each file holds the password of the role it is named after.
set -eu
for file in "${FEIRA_ROLES:-/run/secrets/roles}"/*_owner; do
    export file
    owner=$(basename "$file")
    service=${owner%_owner}
    psql --quiet --no-psqlrc --set=ON_ERROR_STOP=1 --username=postgres --dbname=postgres \
        --set=owner="$owner" --set=service="$service" --set=caller="${service}_caller" <<'SQL'
\set owner_password `cat "$file"`
\set service_password `cat "${file%_owner}"`
CREATE ROLE :"owner" LOGIN PASSWORD :'owner_password';
CREATE ROLE :"service" LOGIN PASSWORD :'service_password';
CREATE ROLE :"caller" NOLOGIN;
GRANT :"caller" TO :"service" WITH INHERIT FALSE;
CREATE DATABASE :"service" OWNER :"owner";
REVOKE ALL ON DATABASE :"service" FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE :"service" TO :"service";
SQL
done
psql --quiet --no-psqlrc --set=ON_ERROR_STOP=1 --username=postgres --dbname=postgres \
    --command='REVOKE CONNECT, TEMPORARY ON DATABASE postgres, template1 FROM PUBLIC'
