-- Let every sequence go on beyond the ids that are there.
DO $$
DECLARE owned record;
BEGIN
    FOR owned IN
        SELECT format('%I', table_name) AS table_name FROM information_schema.columns
        WHERE table_schema = 'public' AND column_name = 'id' AND is_identity = 'YES'
    LOOP
        EXECUTE format('SELECT setval(pg_get_serial_sequence(%L, ''id''), max(id)) FROM %s HAVING max(id) > 0',
                       owned.table_name, owned.table_name);
    END LOOP;
END $$
