#!/bin/bash
# One database and one role a service, made at the first start of an empty server. A role owns its database and nothing
# else; nobody but it and the superuser can connect there. Also runs on a server of one's own, as its superuser:
#   FORKANT_REGISTRY_PASSWORD=… FORKANT_MEETINGS_PASSWORD=… … PGHOST=… PGUSER=postgres deploy/postgres/databases.sh
set -euo pipefail

for service in registry meetings threat_watch notifier; do
  variable="FORKANT_${service^^}_PASSWORD"
  : "${!variable:?Set $variable to the password of the role forkant_$service.}"
  # The password goes in by the environment, not as an argument that the list of processes would show.
  PASSWORD="${!variable}" psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --set=role="forkant_$service" \
    --username="${POSTGRES_USER:-${PGUSER:-postgres}}" --dbname=postgres <<'SQL'
\getenv password PASSWORD
CREATE ROLE :"role" LOGIN PASSWORD :'password' NOSUPERUSER NOCREATEDB NOCREATEROLE;
CREATE DATABASE :"role" OWNER :"role" ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE :"role" FROM PUBLIC;
\connect :"role"
REVOKE ALL ON SCHEMA public FROM PUBLIC;
ALTER SCHEMA public OWNER TO :"role";
SQL
done
