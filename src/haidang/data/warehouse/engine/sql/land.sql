-- Fill `warehouse_landed` and the outbox from what a snapshot remembers of its batches.
-- A table that another commit has moved since these rows were compared with it refuses them.
CREATE OR REPLACE FUNCTION public.warehouse_land(note jsonb, snapshot bigint)
RETURNS void LANGUAGE plpgsql SET search_path = public AS $$
DECLARE
    moved record;
BEGIN
    FOR moved IN
        SELECT one.key AS dataset, one.value::bigint AS commits
        FROM jsonb_each_text(note -> 'tables') AS one ORDER BY one.key
    LOOP
        UPDATE warehouse_laketable SET commits = commits + 1, landed_at = now()
        WHERE dataset = moved.dataset AND commits = moved.commits;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'haidang: table % moved', moved.dataset;
        END IF;
    END LOOP;

    INSERT INTO warehouse_landed (
        batch, dataset, source, accepted, duplicate, revised, counts,
        received_at, landed_at, snapshot
    )
    SELECT one.batch, one.dataset, one.source, one.accepted, one.duplicate, one.revised,
        one.counts, one.received_at, now(), snapshot
    FROM jsonb_to_recordset(note -> 'batches') AS one (
        batch bigint, dataset text, source text, accepted bigint, duplicate bigint,
        revised bigint, counts jsonb, received_at timestamptz
    );

    UPDATE warehouse_laketable AS t
    SET accepted = t.accepted + sums.accepted, revised = t.revised + sums.revised,
        repeated = t.repeated + sums.duplicate
    FROM (
        SELECT one.dataset, sum(one.accepted) AS accepted, sum(one.revised) AS revised,
            sum(one.duplicate) AS duplicate
        FROM jsonb_to_recordset(note -> 'batches') AS one (
            dataset text, accepted bigint, duplicate bigint, revised bigint
        )
        GROUP BY one.dataset
    ) AS sums
    WHERE t.dataset = sums.dataset;

    INSERT INTO core_outboxevent (name, aggregate, payload, occurred_at)
    SELECT 'warehouse.landed', 'dataset:' || one.dataset,
        jsonb_build_object('batch', one.batch, 'dataset', one.dataset, 'source', one.source), now()
    FROM jsonb_to_recordset(note -> 'batches') AS one (batch bigint, dataset text, source text)
    ORDER BY one.batch;
END
$$;

CREATE OR REPLACE FUNCTION public.warehouse_snapshot_committed()
RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    PERFORM public.warehouse_land(NEW.commit_extra_info::jsonb, NEW.snapshot_id);
    RETURN NULL;
END
$$;

-- Note how many rows of which batch a removal took away, and that the table has moved.
CREATE OR REPLACE FUNCTION public.warehouse_rows_erased()
RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
DECLARE
    note jsonb := NEW.commit_extra_info::jsonb;
BEGIN
    INSERT INTO warehouse_erasedrows (removal, dataset, batch, rows, lines, at)
    SELECT note ->> 'removal', note ->> 'dataset', one.batch, one.rows, one.lines, now()
    FROM jsonb_to_recordset(note -> 'batches') AS one (batch bigint, rows bigint, lines jsonb);
    UPDATE warehouse_laketable
    SET commits = commits + 1, erased = erased + (
        SELECT coalesce(sum(one.rows), 0)
        FROM jsonb_to_recordset(note -> 'batches') AS one (rows bigint))
    WHERE dataset = note ->> 'dataset';
    RETURN NULL;
END
$$;
