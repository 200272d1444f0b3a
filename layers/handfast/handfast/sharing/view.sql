-- Whom some buckets give in the segments that may be read, a row for each identity and segment.
SELECT CASE namespace {symbols} END AS namespace,
       CASE WHEN namespace IN ({hashed}) THEN lower(hex(value)) ELSE decode(value) END AS value,
       segment AS segment_id,
       CASE segment {names} END AS segment_name,
       make_timestamptz(epoch_us(min(disclosed_at))) AS since
FROM {disclosures}
WHERE withdrawn_at IS NULL AND segment IN ({segments})
GROUP BY hi, lo, namespace, value, segment
ORDER BY hi, lo, segment_id
