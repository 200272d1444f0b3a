-- What a destination is still to be told of: the ledger of what it may have, against what it has taken (held) and what
-- it was sent without a clear answer (attempts, and those dead letters of which it may have taken something). Who was
-- attempted and is no longer to be had is told so, because the attempt may have arrived. A change that `is_dead` is not
-- due until somebody has its dead letter replayed; who enters or leaves anew is another change. ANSI SQL only.
WITH live AS (
  SELECT d.hi, d.lo, d.segment, t.target, d.namespace, d.value, d.disclosed_at
  FROM disclosures d JOIN targets t ON t.namespace = d.namespace
  WHERE d.withdrawn_at IS NULL AND d.value IS NOT NULL
), told AS (
  SELECT hi, lo, segment, target, max(namespace) AS namespace, max(value) AS value,
         max(held) AS held, max(sent_at) AS sent_at, max(realizing) AS realizing, max(exiting) AS exiting
  FROM (
    SELECT hi, lo, segment, target, namespace, value, 1 AS held, sent_at, 0 AS realizing, 0 AS exiting FROM held
    UNION ALL
    SELECT hi, lo, segment, target, namespace, value, 0, CAST(NULL AS TIMESTAMP),
           CASE WHEN realized THEN 1 ELSE 0 END, CASE WHEN realized THEN 0 ELSE 1 END
    FROM attempts
  ) known
  GROUP BY hi, lo, segment, target
), wanted AS (
  SELECT coalesce(l.hi, t.hi) AS hi, coalesce(l.lo, t.lo) AS lo, coalesce(l.segment, t.segment) AS segment,
         coalesce(l.target, t.target) AS target, coalesce(l.namespace, t.namespace) AS namespace,
         coalesce(l.value, t.value) AS value, l.disclosed_at, coalesce(t.realizing + t.exiting, 0) > 0 AS in_doubt,
         CASE WHEN l.hi IS NOT NULL
                   AND (t.hi IS NULL OR t.held = 0 OR t.exiting = 1 OR t.sent_at < $backfill) THEN 1
              WHEN l.hi IS NULL AND (t.held = 1 OR t.realizing = 1 OR t.exiting = 1) THEN 0 END AS realized
  FROM live l FULL OUTER JOIN told t
    ON l.hi = t.hi AND l.lo = t.lo AND l.segment = t.segment AND l.target = t.target
)
SELECT w.hi, w.lo, w.namespace, w.target, w.value, w.segment, w.realized = 1 AS realized,
       coalesce(CASE WHEN w.realized = 1 THEN w.disclosed_at END, x.left_at, $now) AS changed_at,
       coalesce(CASE WHEN w.realized = 1 THEN w.disclosed_at END, x.left_at) AS since,
       coalesce(a.attempts, 0) AS attempts, a.not_before, w.in_doubt,
       EXISTS (SELECT 1 FROM dead b WHERE b.hi = w.hi AND b.lo = w.lo AND b.segment = w.segment
               AND b.target = w.target AND b.realized = (w.realized = 1)
               AND b.changed_at = coalesce(CASE WHEN w.realized = 1 THEN w.disclosed_at ELSE x.left_at END,
                                           b.changed_at)) AS is_dead
FROM wanted w
LEFT JOIN (SELECT hi, lo, segment, max(withdrawn_at) AS left_at FROM disclosures GROUP BY hi, lo, segment) x
  ON x.hi = w.hi AND x.lo = w.lo AND x.segment = w.segment
LEFT JOIN (SELECT hi, lo, segment, target, realized, max(attempts) AS attempts, max(not_before) AS not_before
           FROM attempts GROUP BY hi, lo, segment, target, realized) a
  ON a.hi = w.hi AND a.lo = w.lo AND a.segment = w.segment AND a.target = w.target AND a.realized = (w.realized = 1)
WHERE w.realized IS NOT NULL
