-- What the destination holds after what it has taken. ANSI SQL only.
SELECT h.hi, h.lo, h.namespace, h.target, h.value, h.segment, h.sent_at
FROM held h
WHERE NOT EXISTS (SELECT 1 FROM taken t
                  WHERE t.hi = h.hi AND t.lo = h.lo AND t.segment = h.segment AND t.target = h.target)
UNION ALL
SELECT t.hi, t.lo, t.namespace, t.target, t.value, t.segment, $now
FROM taken t
WHERE t.realized
ORDER BY hi, lo, segment, target
