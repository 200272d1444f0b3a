-- Every member of a segment as in population.sql, with its profile id and the stage that it has reached: the place of
-- the reason in `stages`, the last of which is 'shared'. While a dataflow is paused, what it has not delivered waits.
SELECT enum_code(k.segment) AS part, q.profile_id,
       list_position(
         $stages, CASE WHEN k.reason = 'shared' AND $paused AND d.hi IS NULL THEN 'paused' ELSE k.reason END
       ) AS stage
FROM ({population}) AS k
LEFT JOIN {profiles} AS q ON q.hi = k.hi AND q.lo = k.lo
LEFT JOIN (SELECT hi, lo, segment FROM {disclosures} WHERE withdrawn_at IS NULL) AS d
  ON d.hi = k.hi AND d.lo = k.lo AND d.segment = CAST(k.segment AS VARCHAR)
