-- Write fast: no triggers and foreign keys (the rows are good), and plain indexes are made afterwards.
CREATE TABLE bench_index AS
SELECT indexname::text AS name, indexdef AS definition FROM pg_indexes
WHERE schemaname = 'public' AND tablename LIKE 'core\_%'
  AND NOT EXISTS (SELECT FROM pg_constraint WHERE conname = indexname);

DO $$
DECLARE plain record;
BEGIN
    FOR plain IN SELECT name FROM bench_index LOOP
        EXECUTE format('DROP INDEX %I', plain.name);
    END LOOP;
END $$;

ALTER DATABASE {database} SET session_replication_role = replica;
ALTER DATABASE {database} SET synchronous_commit = off;
