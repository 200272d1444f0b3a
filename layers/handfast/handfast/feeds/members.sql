-- What the target holds, a row per identity in the order of keys.
SELECT hi, lo, namespace, value, list_sort(list(DISTINCT segment)) AS segment_ids, min(disclosed_at) AS since
FROM {disclosures}
WHERE withdrawn_at IS NULL
  AND list_contains($segments, segment)
  AND ($hi IS NULL OR (hi >= $hi AND (hi > $hi OR lo > $lo)))
GROUP BY hi, lo, namespace, value
ORDER BY hi, lo
LIMIT $limit
