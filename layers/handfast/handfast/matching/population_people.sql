-- Every member of a segment as in population.sql, with its profile id and the stage that it has reached on the source's
-- side: the place of the reason in `stages`, and that of all who are cleared. Each counts twice: among all of the
-- segment, and among its namespace (255: unknown).
SELECT 256 * enum_code(k.segment) + CASE WHEN each.number = 1 THEN COALESCE(k.namespace, 255) ELSE 0 END AS part,
       q.profile_id, LEAST(list_position($stages, k.reason), $cleared) AS stage
FROM ({population}) AS k
CROSS JOIN (VALUES (0), (1)) AS each (number)
LEFT JOIN {profiles} AS q ON q.hi = k.hi AND q.lo = k.lo
