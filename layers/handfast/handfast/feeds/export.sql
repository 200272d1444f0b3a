-- A bucket's members as an export shows them.
SELECT CASE namespace {symbols} END AS namespace,
       CASE WHEN namespace IN ({hashed}) THEN lower(hex(value)) ELSE decode(value) END AS value,
       list_sort(list(DISTINCT segment)) AS "segmentIds",
       min(disclosed_at) AS since
FROM {disclosures}
WHERE withdrawn_at IS NULL AND segment IN ({segments})
GROUP BY hi, lo, namespace, value
ORDER BY hi, lo
