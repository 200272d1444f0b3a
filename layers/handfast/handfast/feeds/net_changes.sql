-- The changes that are left of pairs over all versions together, after a key.
SELECT hi, lo, namespace, value, segment, min(change) AS change,
       min(CASE change WHEN 'insert' THEN disclosed_at ELSE withdrawn_at END) AS at
FROM changes
WHERE ($wanted IS NULL OR segment = $wanted)
  AND ($hi IS NULL OR (hi >= $hi AND (hi > $hi OR lo > $lo OR (lo = $lo AND segment > $segment))))
GROUP BY hi, lo, namespace, value, segment
HAVING count(DISTINCT change) = 1
ORDER BY hi, lo, segment
LIMIT $limit
