-- A bucket's profiles after a change. Null in a change leaves what is there; of two answers the later given counts,
-- and share_at is when the answers in force were first given, so that an answer repeated changes nothing.
SELECT
    hi, lo, namespace, value, profile_id, share, profile_share,
    CASE
        WHEN share IS NOT DISTINCT FROM old_share AND profile_share IS NOT DISTINCT FROM old_profile_share
            THEN old_share_at
        WHEN later THEN new_share_at
        ELSE old_share_at
    END AS share_at,
    attributes,
    is_new
        OR profile_id IS DISTINCT FROM old_profile_id
        OR share IS DISTINCT FROM old_share
        OR profile_share IS DISTINCT FROM old_profile_share
        OR attributes IS DISTINCT FROM old_attributes AS changed
FROM (
    SELECT
        *,
        CASE WHEN later THEN coalesce(new_share, old_share) ELSE coalesce(old_share, new_share) END AS share,
        CASE
            WHEN later THEN coalesce(new_profile_share, old_profile_share)
            ELSE coalesce(old_profile_share, new_profile_share)
        END AS profile_share
    FROM (
        SELECT
            coalesce(old.hi, new.hi) AS hi,
            coalesce(old.lo, new.lo) AS lo,
            coalesce(old.namespace, new.namespace) AS namespace,
            coalesce(old.value, new.value) AS value,
            coalesce(new.profile_id, old.profile_id) AS profile_id,
            CASE
                WHEN old.attributes IS NOT NULL AND new.attributes IS NOT NULL
                    THEN CAST(json_merge_patch(old.attributes, new.attributes) AS VARCHAR)
                ELSE coalesce(new.attributes, old.attributes)
            END AS attributes,
            new.share_at IS NOT NULL AND (old.share_at IS NULL OR new.share_at >= old.share_at) AS later,
            old.hi IS NULL AS is_new,
            old.profile_id AS old_profile_id,
            old.attributes AS old_attributes,
            old.share AS old_share,
            new.share AS new_share,
            old.profile_share AS old_profile_share,
            new.profile_share AS new_profile_share,
            old.share_at AS old_share_at,
            new.share_at AS new_share_at
        FROM old_profiles AS old
        FULL OUTER JOIN new_profiles AS new ON new.hi = old.hi AND new.lo = old.lo
    ) AS joined
) AS answered
ORDER BY hi, lo
