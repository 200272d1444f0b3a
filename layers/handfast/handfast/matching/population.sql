-- Every member of a segment with the first reason that keeps it back, or 'shared'. ANSI SQL only.
SELECT m.hi, m.lo, m.segment, p.namespace,
       CASE
         WHEN p.hi IS NULL THEN 'unknown_identity'
         WHEN p.selected = 0 THEN 'namespace_not_selected'
         WHEN p.consented = 0 THEN 'consent'
         WHEN m.cleared = 0 THEN 'policy'
         WHEN EXISTS (SELECT 1 FROM suppressions s WHERE s.hi = m.hi AND s.lo = m.lo) THEN 'suppressed'
         WHEN t.hi IS NULL THEN (SELECT a.reason FROM absent a)
         WHEN (w.reason IS NOT NULL OR t.young = 1)
              AND NOT EXISTS (SELECT 1 FROM delivered_held d WHERE d.hi = m.hi AND d.lo = m.lo AND d.segment = m.segment)
         THEN COALESCE(w.reason, 'guard_age')
         ELSE 'shared'
       END AS reason
FROM memberships m
LEFT JOIN profiles p ON p.hi = m.hi AND p.lo = m.lo
LEFT JOIN partner t ON t.hi = m.hi AND t.lo = m.lo
LEFT JOIN held w ON w.segment = m.segment AND w.namespace = p.namespace
