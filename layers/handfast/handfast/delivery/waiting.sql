-- What waits after a pass: for its time, to be tried again, or for a pass that reaches it. ANSI SQL only.
SELECT hi, not_before FROM everything WHERE not_before > $now AND NOT is_dead
UNION ALL
SELECT d.hi, l.not_before FROM due d JOIN left_over l ON l.n = d.n
UNION ALL
SELECT d.hi, $now
FROM due d
WHERE NOT EXISTS (SELECT 1 FROM taken t WHERE t.n = d.n) AND NOT EXISTS (SELECT 1 FROM renewed r WHERE r.n = d.n)
