-- What is known of all that inputs have changed since an earlier reconciliation, now and then: of the pairs of identity
-- and segment whose membership changed, and of all pairs of the identities whose profile did, on either side. A delta's
-- rows are as they were before it, so of several deltas the first tells what was then, and the last what is now.

CREATE OR REPLACE TABLE profile_deltas AS
SELECT hi, lo, namespace, share, profile_share
FROM (SELECT s.*, ROW_NUMBER() OVER (PARTITION BY hi, lo ORDER BY delta) AS nth FROM {profile_deltas} s) numbered
WHERE nth = 1;

CREATE OR REPLACE TABLE partner_deltas AS
SELECT hi, lo, namespace, share, profile_share
FROM (SELECT s.*, ROW_NUMBER() OVER (PARTITION BY hi, lo ORDER BY delta) AS nth FROM {partner_deltas} s) numbered
WHERE nth = 1;

CREATE OR REPLACE TABLE membership_deltas AS
SELECT hi, lo, segment, MOD(MIN(2 * delta + came), 2) = 0 AS was_member, MOD(MAX(2 * delta + came), 2) = 1 AS is_member
FROM (SELECT s.*, CASE WHEN realized THEN 1 ELSE 0 END AS came FROM {membership_deltas} s) deltas
GROUP BY hi, lo, segment;

CREATE OR REPLACE TABLE people AS
SELECT hi, lo FROM profile_deltas UNION SELECT hi, lo FROM partner_deltas;

-- Members by what they were told to be, and other segments' members where the person changed.
CREATE OR REPLACE TABLE other_memberships AS
SELECT hi, lo, segment FROM {memberships} m
WHERE EXISTS (SELECT 1 FROM people p WHERE p.hi = m.hi AND p.lo = m.lo)
  AND NOT EXISTS (SELECT 1 FROM membership_deltas s WHERE s.hi = m.hi AND s.lo = m.lo AND s.segment = m.segment);

CREATE OR REPLACE VIEW now_memberships AS
SELECT hi, lo, segment FROM other_memberships
UNION ALL
SELECT hi, lo, segment FROM membership_deltas WHERE is_member;

CREATE OR REPLACE VIEW then_memberships AS
SELECT hi, lo, segment FROM other_memberships
UNION ALL
SELECT hi, lo, segment FROM membership_deltas WHERE was_member;

CREATE OR REPLACE TABLE changed AS
SELECT hi, lo FROM people UNION SELECT hi, lo FROM membership_deltas;

-- Half a key finds all that a whole one does, and sooner; who is found besides is not asked for.
CREATE OR REPLACE TABLE now_profiles AS
SELECT hi, lo, namespace, value, share, profile_share FROM {profiles} p WHERE hi IN (SELECT hi FROM changed);

CREATE OR REPLACE TABLE now_partner AS
SELECT hi, lo, share, profile_share, known_since FROM {partner} t WHERE hi IN (SELECT hi FROM changed);

CREATE OR REPLACE TABLE now_disclosures AS
SELECT hi, lo, namespace, CAST(NULL AS BLOB) AS value, segment, disclosed_at, withdrawn_at FROM {disclosures} d
WHERE hi IN (SELECT hi FROM changed) AND withdrawn_at IS NULL
  AND (EXISTS (SELECT 1 FROM people p WHERE p.hi = d.hi AND p.lo = d.lo)
       OR EXISTS (SELECT 1 FROM membership_deltas s WHERE s.hi = d.hi AND s.lo = d.lo AND s.segment = d.segment));

CREATE OR REPLACE VIEW then_profiles AS
SELECT hi, lo, namespace, value, share, profile_share FROM now_profiles p
WHERE NOT EXISTS (SELECT 1 FROM profile_deltas s WHERE s.hi = p.hi AND s.lo = p.lo)
UNION ALL
SELECT hi, lo, namespace, CAST(NULL AS BLOB), share, profile_share FROM profile_deltas WHERE namespace IS NOT NULL;

CREATE OR REPLACE VIEW then_partner AS
SELECT hi, lo, share, profile_share, known_since FROM now_partner t
WHERE NOT EXISTS (SELECT 1 FROM partner_deltas s WHERE s.hi = t.hi AND s.lo = t.lo)
UNION ALL
SELECT s.hi, s.lo, s.share, s.profile_share, t.known_since
FROM partner_deltas s LEFT JOIN now_partner t ON t.hi = s.hi AND t.lo = s.lo
WHERE s.namespace IS NOT NULL;
