"""What a sandbox knows of some people, applied or on its way: their identities and the answers that they gave."""

# ruff: noqa: S608 - statements are built from quoted names and this module's own text
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from handfast.identity.keys import PROFILE_ID, digest_sql, key_sql
from handfast.lake import answers, buckets, change_log, layout, ranges, streaming, transfers
from handfast.lake.duck import Connection, literal, parquet, relation
from handfast.platform import objects
from handfast.platform.objects import LostRaceError
from handfast.platform.optimistic import retry

_COLUMNS = ("hi", "lo", "namespace", "profile_id", "profile_share", "profile_share_at")
_PENDING = {name: layout.PROFILE_COLUMNS[name] for name in (*_COLUMNS, "value")}


def exist(sandbox_id: str) -> bool:
    """Whether the sandbox knows anybody, or is about to."""
    prefixes = (change_log.sandbox_prefix(sandbox_id), layout.profiles(sandbox_id), layout.answers(sandbox_id))
    return any(next(objects.listing(prefix), None) for prefix in prefixes)


def look_up(connection: Connection, sandbox_id: str, secret: bytes, folder: Path) -> None:
    """Make the tables `stored` and `kept` of the people in `named` (profile_id) and `mine` (hi, lo, profile_id).

    `stored` has a row for each identity that has one of these profile ids, and for each of `mine` that has an answer:
    hi, lo, namespace, value (null where the profiles have it), profile_id, share and given_at of the person's answer.
    `kept` has the answers of people without identities: profile_id, share, given_at.
    """

    def look() -> None:
        _read(connection, sandbox_id, folder, _wanted(connection))
        _store(connection)
        _keep(connection, sandbox_id, secret, folder)

    retry(look, LostRaceError)


def look_up_undecided(
    connection: Connection, sandbox_id: str, secret: bytes, folder: Path, including: str = ""
) -> None:
    """Make the tables of everybody whose identities do not all have the person's answer, and name them in `named`.

    `including` is a change that counts though it is not visible yet.
    """

    def look() -> None:
        _read(connection, sandbox_id, folder, lambda _: True, including)
        connection.execute(
            "CREATE OR REPLACE TABLE named AS SELECT DISTINCT profile_id FROM said_of WHERE profile_id IS NOT NULL"
        )
        _keep(connection, sandbox_id, secret, folder)
        connection.execute(
            """
            CREATE OR REPLACE TABLE named AS
            SELECT profile_id FROM said_of WHERE profile_id IS NOT NULL
            GROUP BY profile_id HAVING count(DISTINCT coalesce(share, '')) > 1
            UNION SELECT profile_id FROM kept
            """
        )
        _store(connection)

    retry(look, LostRaceError)


type _Wanted = Callable[[Path], bool]
"""Whether an object may hold rows that are looked for, by its file with the profile ids alone."""


def _wanted(connection: Connection) -> _Wanted:
    bits = buckets.bucket_bits()
    own = {
        bucket for (bucket,) in connection.execute(f"SELECT DISTINCT {buckets.bucket_sql(bits)} FROM mine").fetchall()
    }

    def is_wanted(path: Path) -> bool:
        kind, bucket = path.stem.split("-")[:2]
        # What waits may give an identity that is looked for to somebody else.
        if kind == "pending" or int(bucket) in own:
            return True
        statement = f"SELECT EXISTS (FROM {parquet([path])} WHERE profile_id IN (FROM named))"
        ((holds,),) = connection.execute(statement).fetchall()
        return bool(holds)

    return is_wanted


def _read(connection: Connection, sandbox_id: str, folder: Path, is_wanted: _Wanted, including: str = "") -> None:
    """Make the view `said_of` of the rows that waiting changes and the profiles have of identities."""
    # What is applied meanwhile goes from the changes into the profiles, so that they are read in this order.
    selects = [f"SELECT {', '.join(_COLUMNS)}, '' AS change, value FROM {relation([], _PENDING)}"]
    pending = change_log.pending_profiles(sandbox_id, including)
    paths = {
        folder / f"pending-{span}-{number}{Path(key).suffix}": (change, key)
        for number, (change, span, key) in enumerate(pending)
    }
    streams = transfers.download({path: key for path, (_, key) in paths.items() if path.suffix == ".json"})
    parts = {path: key for path, (_, key) in paths.items() if path.suffix != ".json"}
    for path in [*streams, *_copied(parts, (*_COLUMNS, "value"), is_wanted)]:
        rows = streaming.profiles_sql(path) if path in streams else parquet([path])
        selects.append(f"SELECT {', '.join(_COLUMNS)}, {literal(paths[path][0])} AS change, value FROM {rows}")
    listed = dict(buckets.listing(layout.profiles(sandbox_id)))
    known = {folder / buckets.object_key("known-", bucket): stored.key for bucket, stored in listed.items()}
    profiles = relation(_copied(known, _COLUMNS, is_wanted), _PENDING)
    selects.append(f"SELECT {', '.join(_COLUMNS)}, '' AS change, CAST(NULL AS BLOB) AS value FROM {profiles}")
    connection.execute(
        f"""
        CREATE OR REPLACE VIEW said_of AS
        SELECT hi, lo, namespace, value, profile_id, profile_share AS share, profile_share_at AS given_at, change
        FROM ({" UNION ALL ".join(selects)})
        """
    )


def _copied(keys: Mapping[Path, str], columns: Collection[str], is_wanted: _Wanted) -> list[Path]:
    """Of Parquet objects, those that may hold what is looked for, with the columns that are needed."""
    read = ranges.copy(keys, dict.fromkeys(keys, ("profile_id",)))
    wanted = [path for path in read if is_wanted(path)]
    ranges.fill(read, dict.fromkeys(wanted, columns))
    return wanted


def _store(connection: Connection) -> None:
    connection.execute(
        """
        CREATE OR REPLACE TABLE stored AS
        SELECT hi, lo, any_value(namespace) AS namespace, arg_max(value, change) AS value,
            arg_max(profile_id, change) AS profile_id, arg_max(share, weight(share, given_at)) AS share,
            arg_max(given_at, weight(share, given_at)) AS given_at
        FROM said_of SEMI JOIN (
            SELECT hi, lo FROM said_of SEMI JOIN named USING (profile_id)
            UNION ALL SELECT hi, lo FROM said_of SEMI JOIN mine USING (hi, lo) WHERE share IS NOT NULL
        ) AS wanted USING (hi, lo)
        GROUP BY hi, lo
        """
    )


def _keep(connection: Connection, sandbox_id: str, secret: bytes, folder: Path) -> None:
    connection.execute("SET VARIABLE secret = ?", [secret])
    connection.execute(f"CREATE OR REPLACE VIEW keyed AS {keyed_sql('named')}")
    listed = [bucket for bucket, _ in buckets.listing(layout.answers(sandbox_id))]
    keys = connection.execute("SELECT hi, lo FROM keyed").fetchall() if listed else []
    rows = relation(answers.download(sandbox_id, folder, keys), layout.ANSWER_COLUMNS)
    connection.execute(
        "CREATE OR REPLACE TABLE kept AS"
        f" SELECT profile_id, share, share_at AS given_at FROM keyed JOIN {rows} USING (hi, lo)"
    )


def keyed_sql(table: str) -> str:
    """The rows of a table with a profile_id, with the key of its profile id; takes the variable `secret`."""
    digest = digest_sql(PROFILE_ID, "encode(profile_id)")
    return f"SELECT {key_sql()}, * EXCLUDE (digest) FROM (SELECT *, {digest} AS digest FROM {table})"
