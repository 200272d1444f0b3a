-- The relations that the statements beside this file decide on, over Parquet files of some buckets.
-- `segment_id` is a VARCHAR that compares as fast as a number.

CREATE OR REPLACE VIEW memberships AS
SELECT hi, lo, segment, CASE WHEN segment IN ({stopped}) THEN 0 ELSE 1 END AS cleared
FROM {memberships};

CREATE OR REPLACE VIEW profiles AS
SELECT hi, lo, namespace, value,
       CASE WHEN namespace IN ({namespaces}) THEN 1 ELSE 0 END AS selected,
       {consented} AS consented
FROM {profiles};

CREATE OR REPLACE VIEW erased AS
SELECT hi, lo FROM {suppressed_by_either} WHERE reason = 'erasure';

-- Whom the partner knows, and may be given by its own answers where it asks for that; and whether it has known them for
-- too short.
CREATE OR REPLACE VIEW partner AS
SELECT hi, lo, known_since, CASE WHEN {young} THEN 1 ELSE 0 END AS young FROM {partner} t
WHERE {partner_consented} = 1 AND NOT EXISTS (SELECT 1 FROM erased x WHERE x.hi = t.hi AND x.lo = t.lo);

-- What is said of those whom it does not know.
CREATE OR REPLACE VIEW absent AS SELECT {absent} AS reason;

CREATE OR REPLACE VIEW suppressions AS
SELECT hi, lo FROM {suppressions} WHERE reason IN ('erasure', 'opt_out');

CREATE OR REPLACE VIEW disclosures AS
SELECT hi, lo, namespace, value, CAST(segment AS segment_id) AS segment, disclosed_at, withdrawn_at FROM {disclosures};

CREATE OR REPLACE VIEW held AS
SELECT segment, namespace, reason FROM {held};

-- What the target has of segments that are held back in any namespace, and of all where ages count: it stays.
CREATE OR REPLACE VIEW delivered_held AS
SELECT hi, lo, segment FROM disclosures d
WHERE withdrawn_at IS NULL
  AND ({by_age} OR EXISTS (SELECT 1 FROM held w WHERE w.segment = d.segment));
