-- What is known of the keys that inputs have changed since an earlier reconciliation, now and then. A step's rows are as
-- they were before it, so of a key's steps the first one counts.

CREATE OR REPLACE TABLE profile_steps AS
SELECT hi, lo, namespace, share, profile_share
FROM (SELECT s.*, ROW_NUMBER() OVER (PARTITION BY hi, lo ORDER BY step) AS nth FROM {profile_steps} s) numbered
WHERE nth = 1;

CREATE OR REPLACE TABLE partner_steps AS
SELECT hi, lo, namespace
FROM (SELECT s.*, ROW_NUMBER() OVER (PARTITION BY hi, lo ORDER BY step) AS nth FROM {partner_steps} s) numbered
WHERE nth = 1;

CREATE OR REPLACE TABLE membership_steps AS
SELECT hi, lo, segment, realized
FROM (SELECT s.*, ROW_NUMBER() OVER (PARTITION BY hi, lo, segment ORDER BY step) AS nth
      FROM {membership_steps} s) numbered
WHERE nth = 1;

CREATE OR REPLACE TABLE changed AS
SELECT hi, lo FROM profile_steps UNION SELECT hi, lo FROM partner_steps UNION SELECT hi, lo FROM membership_steps;

CREATE OR REPLACE TABLE now_memberships AS
SELECT hi, lo, segment FROM {memberships} m
WHERE EXISTS (SELECT 1 FROM changed c WHERE c.hi = m.hi AND c.lo = m.lo);

CREATE OR REPLACE TABLE now_profiles AS
SELECT hi, lo, namespace, CAST(NULL AS BLOB) AS value, share, profile_share FROM {profiles} p
WHERE EXISTS (SELECT 1 FROM changed c WHERE c.hi = p.hi AND c.lo = p.lo);

CREATE OR REPLACE TABLE now_partner AS
SELECT hi, lo FROM {partner} t
WHERE EXISTS (SELECT 1 FROM changed c WHERE c.hi = t.hi AND c.lo = t.lo);

CREATE OR REPLACE TABLE now_deliveries AS
SELECT hi, lo, namespace, CAST(NULL AS BLOB) AS value, segment, disclosed_at, withdrawn_at FROM {deliveries} d
WHERE EXISTS (SELECT 1 FROM changed c WHERE c.hi = d.hi AND c.lo = d.lo);

CREATE OR REPLACE VIEW then_memberships AS
SELECT hi, lo, segment FROM now_memberships m
WHERE NOT EXISTS (SELECT 1 FROM membership_steps s WHERE s.hi = m.hi AND s.lo = m.lo AND s.segment = m.segment)
UNION ALL
SELECT hi, lo, segment FROM membership_steps WHERE NOT realized;

CREATE OR REPLACE VIEW then_profiles AS
SELECT hi, lo, namespace, value, share, profile_share FROM now_profiles p
WHERE NOT EXISTS (SELECT 1 FROM profile_steps s WHERE s.hi = p.hi AND s.lo = p.lo)
UNION ALL
SELECT hi, lo, namespace, CAST(NULL AS BLOB), share, profile_share FROM profile_steps WHERE namespace IS NOT NULL;

CREATE OR REPLACE VIEW then_partner AS
SELECT hi, lo FROM now_partner t
WHERE NOT EXISTS (SELECT 1 FROM partner_steps s WHERE s.hi = t.hi AND s.lo = t.lo)
UNION ALL
SELECT hi, lo FROM partner_steps WHERE namespace IS NOT NULL;
