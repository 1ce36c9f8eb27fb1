# The PostgreSQL image runs this once, in an empty data folder. For each database three roles: its owner, the service,
# and the one in which the service reads for its callers. Each file holds the password of the role it is named after.
set -eu
for file in /run/secrets/roles/*_owner; do
    owner=$(basename "$file")
    name=${owner%_owner}
    # on standard input: a command line can be read by other processes
    {
        printf "\\\\set owner_password '%s'\n" "$(cat "$file")"
        printf "\\\\set service_password '%s'\n" "$(cat "/run/secrets/roles/$name")"
        cat <<'SQL'
CREATE ROLE :"owner" LOGIN PASSWORD :'owner_password';
CREATE ROLE :"service" LOGIN PASSWORD :'service_password';
CREATE ROLE :"caller" NOLOGIN;
GRANT :"caller" TO :"service" WITH INHERIT FALSE;
CREATE DATABASE :"service" OWNER :"owner";
REVOKE ALL ON DATABASE :"service" FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE :"service" TO :"service";
SQL
    } | psql --quiet --no-psqlrc --set=ON_ERROR_STOP=1 --username=postgres --dbname=postgres \
        --set=owner="$owner" --set=service="$name" --set=caller="${name}_caller"
done
psql --quiet --no-psqlrc --set=ON_ERROR_STOP=1 --username=postgres --dbname=postgres \
    --command='REVOKE CONNECT, TEMPORARY ON DATABASE postgres, template1 FROM PUBLIC'
