-- Eligible against delivered, per identity and segment. ANSI SQL only.
SELECT COALESCE(e.hi, d.hi) AS hi, COALESCE(e.lo, d.lo) AS lo, COALESCE(e.segment, d.segment) AS segment,
       COALESCE(e.namespace, d.namespace) AS namespace,
       CASE WHEN e.hi IS NULL THEN 'exited' WHEN $paused THEN 'paused' ELSE 'realized' END AS change
FROM (SELECT hi, lo, segment, namespace FROM population WHERE reason = 'shared') e
FULL OUTER JOIN (SELECT hi, lo, segment, namespace FROM disclosures WHERE withdrawn_at IS NULL) d
  ON d.hi = e.hi AND d.lo = e.lo AND d.segment = e.segment
WHERE e.hi IS NULL OR d.hi IS NULL
