-- Members of segments after a change: who is kept (with the time they joined), realized or exited, and by whom they are
-- put there then. Of a snapshot, members that it does not name and that nobody else has put there leave, and their
-- namespace is null; those of a row that was refused stay what they are, and `realized` is null. Memberships that are
-- replaced end where the change does not name them. Who joined after the state that the change tells of does not leave.
SELECT
    segment, hi, lo, since, change, namespace, put_by,
    change = 'kept' AND put_by IS DISTINCT FROM old_put_by AS is_put_otherwise
FROM (
    SELECT
        segment, hi, lo, since, namespace, old_put_by,
        CASE WHEN change <> 'unnamed' THEN change WHEN put_by_others(old_put_by) = [] THEN 'exited' ELSE 'kept' END
            AS change,
        CASE
            WHEN change = 'realized' THEN put_by_it()
            WHEN change = 'unnamed' THEN put_by_others(old_put_by)
            WHEN is_named THEN put_by_it_too(old_put_by)
            ELSE old_put_by
        END AS put_by
    FROM (
        SELECT
            coalesce(old.segment, new.segment) AS segment,
            coalesce(old.hi, new.hi) AS hi,
            coalesce(old.lo, new.lo) AS lo,
            coalesce(old.since, $at) AS since,
            new.namespace,
            new.realized IS TRUE AS is_named,
            old.put_by AS old_put_by,
            CASE
                WHEN new.realized AND old.hi IS NULL THEN 'realized'
                WHEN new.realized THEN 'kept'
                WHEN old.hi IS NULL THEN 'absent'
                WHEN new.hi IS NOT NULL AND new.realized IS NULL THEN 'kept'
                WHEN old.since > CAST($as_of AS TIMESTAMP) THEN 'kept'
                WHEN new.hi IS NOT NULL OR old.is_replaced THEN 'exited'
                WHEN old.segment = $snapshot THEN 'unnamed'
                ELSE 'kept'
            END AS change
        FROM old_members AS old
        FULL OUTER JOIN new_members AS new ON new.hi = old.hi AND new.lo = old.lo AND new.segment = old.segment
    ) AS joined
    WHERE change <> 'absent'
) AS decided
ORDER BY segment, hi, lo
