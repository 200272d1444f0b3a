-- What versions have changed, net: who came and is still there, who left and was there before. `told` has the times that
-- the versions' rows have. Of a pair that left and came again in one version the one row is as it was, the other as it is.
CREATE OR REPLACE TABLE changes AS
SELECT *, count(*) OVER (PARTITION BY version, hi, lo, segment) > 1 AS is_both
FROM (
    SELECT d.*, came.version, 'insert' AS change
    FROM {disclosures} d JOIN told came ON came.written_at = epoch_us(d.disclosed_at)
    WHERE d.withdrawn_at IS NULL AND d.segment IN ({segments})
    UNION ALL
    SELECT d.*, gone.version, 'delete' AS change
    FROM {disclosures} d JOIN told gone ON gone.written_at = epoch_us(d.withdrawn_at)
    WHERE epoch_us(d.disclosed_at) NOT IN (SELECT written_at FROM told)
);
