-- A version's changes as readers of the change data feed take them. An erased person's value is no longer there.
SELECT CASE namespace {symbols} END AS namespace,
       CASE WHEN namespace IN ({hashed}) THEN lower(hex(value)) ELSE decode(value) END AS value,
       segment AS segment_id,
       CASE segment {names} END AS segment_name,
       make_timestamptz(epoch_us(disclosed_at)) AS since,
       CASE WHEN NOT is_both THEN change WHEN change = 'insert' THEN 'update_postimage' ELSE 'update_preimage' END
           AS _change_type
FROM changes
WHERE version = {version}
ORDER BY hi, lo, segment, change
