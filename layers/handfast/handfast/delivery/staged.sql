-- Who is in a whole membership of some buckets (live), and of whom the destination may have and who is not (not
-- live): what it was given by the last delivery (held), or by one that was not complete (attempted). ANSI SQL only.
WITH live AS (
  SELECT d.hi, d.lo, d.namespace, t.target, d.value, d.segment, d.disclosed_at
  FROM disclosures d JOIN targets t ON t.namespace = d.namespace
  WHERE d.withdrawn_at IS NULL AND d.value IS NOT NULL
), told AS (
  SELECT hi, lo, segment, target, max(namespace) AS namespace, max(value) AS value, max(held) AS held
  FROM (
    SELECT hi, lo, segment, target, namespace, value, 1 AS held FROM held
    UNION ALL
    SELECT hi, lo, segment, target, namespace, value, 0 FROM attempted
  ) known
  GROUP BY hi, lo, segment, target
)
SELECT coalesce(l.hi, t.hi) AS hi, coalesce(l.lo, t.lo) AS lo, coalesce(l.namespace, t.namespace) AS namespace,
       coalesce(l.target, t.target) AS target, coalesce(l.value, t.value) AS value,
       coalesce(l.segment, t.segment) AS segment, l.hi IS NOT NULL AS is_live,
       coalesce(l.disclosed_at, $now) AS changed_at, coalesce(t.held, 0) = 1 AS is_held, t.hi IS NOT NULL AS is_told
FROM live l FULL OUTER JOIN told t
  ON l.hi = t.hi AND l.lo = t.lo AND l.segment = t.segment AND l.target = t.target
