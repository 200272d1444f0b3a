-- The attempts that are in doubt after a pass: what is tried again, and former attempts of pairs of which something is
-- due that was not reached, waits or is a dead letter. An attempt has ended when a change of its pair was taken, or when the same change
-- has become a dead letter or is tried again, which is a row of its own. Attempts of buckets that are not compared stay
-- as they are. ANSI SQL only.
SELECT d.hi, d.lo, d.namespace, d.target, d.value, d.segment, d.realized, d.changed_at, l.attempts, l.not_before
FROM due d JOIN left_over l ON l.n = d.n
UNION ALL
SELECT a.hi, a.lo, a.namespace, a.target, a.value, a.segment, a.realized, a.changed_at, a.attempts, a.not_before
FROM attempted a
JOIN everything e ON e.hi = a.hi AND e.lo = a.lo AND e.segment = a.segment AND e.target = a.target
LEFT JOIN due d ON d.hi = a.hi AND d.lo = a.lo AND d.segment = a.segment AND d.target = a.target
WHERE CASE WHEN d.n IS NULL THEN NOT (e.is_dead AND a.realized = e.realized)
           ELSE NOT EXISTS (SELECT 1 FROM taken t WHERE t.n = d.n)
                AND NOT (a.realized = d.realized AND EXISTS (SELECT 1 FROM renewed r WHERE r.n = d.n)) END
UNION ALL
SELECT hi, lo, namespace, target, value, segment, realized, changed_at, attempts, not_before FROM elsewhere
