-- Every assertion of the entangled keys in order, each kept or not.
-- kind: s kept in the lake, r remembered there as a repeat, i incoming. A row that nothing
-- precedes repeats the first one kept in the lake if it says the same (it came late).
WITH everything AS (
    SELECT {columns}, 's' AS kind, 1 AS place, is_base
    FROM stored SEMI JOIN entangled USING ({key})
    UNION ALL
    SELECT {columns}, 'i', 3, false FROM incoming SEMI JOIN entangled USING ({key})
    UNION ALL BY NAME
    SELECT {repeated_columns}, r._batch, r._row, 'r' AS kind, 2 AS place, false AS is_base
    FROM again AS r
    JOIN stored AS e ON {same_key} AND e._batch = r._of_batch AND e._row = r._of_row
),

said AS (
    SELECT *, {says} AS says, {{b: _batch, r: _row}} AS id FROM everything
),

beside AS (
    SELECT *,
        lag(says) OVER ordered AS said_before,
        lag(_batch) OVER ordered IS NULL AS is_first,
        min(id) FILTER (kind = 's') OVER whole AS first_id,
        arg_min(says, id) FILTER (kind = 's') OVER whole AS first_says
    FROM said
    WINDOW
        ordered AS (PARTITION BY {key} ORDER BY _batch, _row, place),
        whole AS (PARTITION BY {key})
),

decided AS (
    SELECT *,
        kind = 's' OR CASE
            WHEN is_first THEN first_id IS NULL OR says IS DISTINCT FROM first_says
            ELSE says IS DISTINCT FROM said_before
        END AS is_kept
    FROM beside
)

SELECT *,
    count(*) FILTER (is_kept) OVER (PARTITION BY {key}) AS kept_of_key,
    NOT is_first OR first_id IS NOT NULL AS is_revision,
    coalesce(
        last_value(CASE WHEN is_kept THEN id END IGNORE NULLS) OVER (
            PARTITION BY {key} ORDER BY _batch, _row, place
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ),
        first_id
    ) AS of
FROM decided
