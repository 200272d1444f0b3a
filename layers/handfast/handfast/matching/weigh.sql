-- Members that the source's side lets through, those of them that the partner has too, and those that it has not had for
-- long enough. ANSI SQL only.
SELECT m.segment, p.namespace, COUNT(*) AS cleared, COUNT(t.hi) - COALESCE(SUM(t.young), 0) AS matched,
       COALESCE(SUM(t.young), 0) AS young
FROM memberships m
JOIN (SELECT hi, lo, namespace FROM profiles WHERE selected = 1 AND consented = 1) p ON p.hi = m.hi AND p.lo = m.lo
LEFT JOIN partner t ON t.hi = m.hi AND t.lo = m.lo
WHERE NOT EXISTS (SELECT 1 FROM suppressions s WHERE s.hi = m.hi AND s.lo = m.lo)
GROUP BY m.segment, p.namespace
