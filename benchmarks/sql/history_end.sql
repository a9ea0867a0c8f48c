-- The database as the product has it again.
ALTER DATABASE {database} RESET ALL;
SET maintenance_work_mem = '512MB';
DO $$
DECLARE plain record;
BEGIN
    FOR plain IN SELECT definition FROM bench_index LOOP
        EXECUTE plain.definition;
    END LOOP;
END $$;
DROP TABLE bench_index;
