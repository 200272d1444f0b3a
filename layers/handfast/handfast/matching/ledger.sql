-- The disclosures after the changes, in their order: exited rows are withdrawn, realized ones are a new row. What either
-- side has erased keeps its row, which tells who received it, without the value. ANSI SQL only.
SELECT d.hi, d.lo, d.namespace,
       CASE WHEN EXISTS (SELECT 1 FROM erased x WHERE x.hi = d.hi AND x.lo = d.lo) THEN NULL ELSE d.value END AS value,
       d.segment, d.disclosed_at,
       CASE WHEN d.withdrawn_at IS NULL AND EXISTS (
              SELECT 1 FROM changes c
              WHERE c.change = 'exited' AND c.hi = d.hi AND c.lo = d.lo AND c.segment = d.segment)
            THEN $now ELSE d.withdrawn_at END AS withdrawn_at
FROM disclosures d
UNION ALL
SELECT c.hi, c.lo, p.namespace, p.value, c.segment, $now, CAST(NULL AS TIMESTAMP)
FROM changes c
JOIN profiles p ON p.hi = c.hi AND p.lo = c.lo
WHERE c.change = 'realized'
ORDER BY hi, lo, segment, disclosed_at
