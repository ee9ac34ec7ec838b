-- What the lake's readers may see: the schema of its catalogue, nothing else.
GRANT USAGE ON SCHEMA lake TO {role};
GRANT SELECT ON ALL TABLES IN SCHEMA lake TO {role};
ALTER DEFAULT PRIVILEGES IN SCHEMA lake GRANT SELECT ON TABLES TO {role};
