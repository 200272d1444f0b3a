-- A bucket's profiles after a change. Null in a change leaves what is there, but in attributes it removes a member
-- (RFC 7396); a row without a value speaks only of an identity that is there. Of two answers the later given counts,
-- of two given at once the stricter. The time of an answer in force is when it was first given, so that an answer
-- repeated changes nothing.
SELECT
    hi, lo, namespace, value, profile_id, share, profile_share,
    CASE WHEN share IS NOT DISTINCT FROM old_share THEN old_share_at ELSE new_share_at END AS share_at,
    attributes,
    CASE
        WHEN profile_share IS NOT DISTINCT FROM old_profile_share THEN old_profile_share_at
        ELSE new_profile_share_at
    END AS profile_share_at,
    known_since,
    is_new
        OR profile_id IS DISTINCT FROM old_profile_id
        OR share IS DISTINCT FROM old_share
        OR profile_share IS DISTINCT FROM old_profile_share
        OR attributes IS DISTINCT FROM old_attributes AS changed
FROM (
    SELECT
        *,
        in_force(old_share, old_share_at, new_share, new_share_at) AS share,
        in_force(old_profile_share, old_profile_share_at, new_profile_share, new_profile_share_at) AS profile_share
    FROM (
        SELECT
            coalesce(old.hi, new.hi) AS hi,
            coalesce(old.lo, new.lo) AS lo,
            coalesce(old.namespace, new.namespace) AS namespace,
            coalesce(old.value, new.value) AS value,
            coalesce(new.profile_id, old.profile_id) AS profile_id,
            patched(old.attributes, new.attributes) AS attributes,
            old.hi IS NULL AS is_new,
            CASE WHEN old.hi IS NULL THEN $hour ELSE old.known_since END AS known_since,
            old.profile_id AS old_profile_id,
            old.attributes AS old_attributes,
            old.share AS old_share,
            new.share AS new_share,
            old.profile_share AS old_profile_share,
            new.profile_share AS new_profile_share,
            old.share_at AS old_share_at,
            new.share_at AS new_share_at,
            old.profile_share_at AS old_profile_share_at,
            new.profile_share_at AS new_profile_share_at
        FROM old_profiles AS old
        FULL OUTER JOIN new_profiles AS new ON new.hi = old.hi AND new.lo = old.lo
    ) AS joined
    WHERE value IS NOT NULL
) AS answered
ORDER BY hi, lo
