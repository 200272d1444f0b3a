-- Members of segments after a change: who is kept (with the time they joined), realized or exited. Of a snapshot,
-- members that it does not name leave, and their namespace is null; those of a row that was refused stay what they are,
-- and `realized` is null. Memberships that are replaced end where the change does not name them. Who joined after the
-- state that the change tells of does not leave by it.
SELECT segment, hi, lo, since, change, namespace
FROM (
    SELECT
        coalesce(old.segment, new.segment) AS segment,
        coalesce(old.hi, new.hi) AS hi,
        coalesce(old.lo, new.lo) AS lo,
        coalesce(old.since, $at) AS since,
        new.namespace,
        CASE
            WHEN new.realized AND old.hi IS NULL THEN 'realized'
            WHEN new.realized THEN 'kept'
            WHEN old.hi IS NULL THEN 'absent'
            WHEN new.hi IS NOT NULL AND new.realized IS NULL THEN 'kept'
            WHEN old.since > CAST($as_of AS TIMESTAMP) THEN 'kept'
            WHEN new.hi IS NOT NULL OR old.segment = $snapshot OR old.is_replaced THEN 'exited'
            ELSE 'kept'
        END AS change
    FROM old_members AS old
    FULL OUTER JOIN new_members AS new ON new.hi = old.hi AND new.lo = old.lo AND new.segment = old.segment
) AS joined
WHERE change <> 'absent'
ORDER BY segment, hi, lo
