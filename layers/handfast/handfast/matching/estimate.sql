-- Members of a segment whose key the partner has too, and those of them that may be shared. ANSI SQL only.
SELECT m.segment, p.namespace, COUNT(*) AS overlapped,
       COUNT(CASE WHEN p.consented = 1
                   AND NOT EXISTS (SELECT 1 FROM suppressions s WHERE s.hi = m.hi AND s.lo = m.lo)
                  THEN 1 END) AS with_consent
FROM memberships m
JOIN (SELECT hi, lo, namespace, consented FROM profiles
      WHERE selected = 1
        AND EXISTS (SELECT 1 FROM partner t WHERE t.hi = profiles.hi AND t.lo = profiles.lo)) p
  ON p.hi = m.hi AND p.lo = m.lo
GROUP BY m.segment, p.namespace
