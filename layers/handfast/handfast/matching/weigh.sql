-- Members that the source's side lets through, and those of them that the partner has too. ANSI SQL only.
SELECT m.segment, p.namespace, COUNT(*) AS cleared, COUNT(t.hi) AS matched
FROM memberships m
JOIN (SELECT hi, lo, namespace FROM profiles WHERE selected = 1 AND consented = 1) p ON p.hi = m.hi AND p.lo = m.lo
LEFT JOIN partner t ON t.hi = m.hi AND t.lo = m.lo
WHERE NOT EXISTS (SELECT 1 FROM suppressions s WHERE s.hi = m.hi AND s.lo = m.lo)
GROUP BY m.segment, p.namespace
