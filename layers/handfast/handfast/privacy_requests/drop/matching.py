"""DROP's lines compared with all that a sandbox knows, in one pass over its profiles.

Of the table `lines` (`reading`): `wanted` are the keys that each line may be known by, `matched` the identities that
are, `outcomes` what each line comes to.
"""

# ruff: noqa: S608 - statements are built from quoted names and this module's own text
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from handfast.identity.drop import (
    LAST_TEN,
    MAID,
    TELEVISION,
    device_codes,
    device_digest_sql,
    television_digest_sql,
)
from handfast.identity.keys import digest_sql, key_sql
from handfast.identity.namespaces import namespace
from handfast.journal.models import OwnNamespace, Sandbox
from handfast.lake import buckets, change_log, layout, people, streaming, transfers
from handfast.lake.duck import Connection, create_table, parquet
from handfast.platform import objects
from handfast.platform.objects import ObjectVersion
from handfast.privacy_requests.drop.models import ListType

_PART_BYTES = 256 << 20
"""Objects read together, so that a function's disk holds them."""
_COLUMNS = "SELECT line, p.hi, p.lo, p.namespace, p.value, p.profile_id FROM {profiles} AS p"
_FOUND = {
    "wanted": f"{_COLUMNS} JOIN wanted AS w ON w.hi = p.hi AND w.lo = p.lo",
    # Other values are no text, and are not to be read as such in whatever order DuckDB works.
    "devices": f"{_COLUMNS} JOIN lines AS l ON l.list_type = 'MAID'"
    f" AND l.hash = CASE WHEN p.namespace IN {device_codes()} THEN {device_digest_sql('p.value')} END"
    f" WHERE p.namespace IN {device_codes()}",
    "televisions": f"{_COLUMNS} JOIN lines AS l ON l.list_type = 'CTVID'"
    f" AND l.hash = CASE WHEN p.namespace IN {{televisions}} THEN {television_digest_sql('p.value')} END"
    " WHERE p.namespace IN {televisions}",
}
"""How the lines of a table are found among profiles."""


def _key_codes(sandbox: Sandbox) -> list[tuple[str, int]]:
    """Each list with what stands for the namespace in the key of a line's hash."""
    own = [
        (each.drop_list, each.code if each.kind == "sha256" else TELEVISION)
        for each in sandbox.namespaces
        if each.drop_list
    ]
    return [("Email", namespace("email").code), ("Phone", LAST_TEN), ("MAID", MAID), *dict.fromkeys(own)]


def _texts_of_televisions(sandbox: Sandbox) -> list[int]:
    def is_text(own: OwnNamespace) -> bool:
        return own.drop_list == "CTVID" and own.kind == "text"

    return [own.code for own in sandbox.namespaces if is_text(own)]


def compared(sandbox: Sandbox) -> frozenset[ListType]:
    """The lists of which something is held in a sandbox that lines can be compared with."""
    own = {each.drop_list for each in sandbox.namespaces if each.drop_list}
    phones: set[ListType] = {"Phone"} if sandbox.phone_index else set()
    return frozenset({"Email", "MAID", *phones, *own})


def match(
    connection: Connection,
    sandbox: Sandbox,
    secret: bytes,
    exempt_segment_id: str | None,
    not_held: Collection[ListType] = (),
) -> None:
    """Make `matched`, `outcomes` (line, outcome), `keyed` (line, hi, lo) and `taken_back` (id, hi, lo).

    `matched` has line, hi, lo, namespace, value, profile_id, waits.
    Compared is what profiles hold and what changes that wait, visible or not, are about to bring (`waits`).

    A line that several people answer to is opted out, all of them (11 CCR 7613); one whose person is a member of the
    exempt segment by any identity is exempted. `keyed` are the keys by which those not found are refused later,
    `taken_back` those of the lines of a Removed file. Lines of lists that are `not_held` find nobody.
    """
    sandbox_id, keyed = sandbox.sandbox_id, _key_codes(sandbox)
    connection.execute("SET VARIABLE secret = ?", [secret])
    tables = {LAST_TEN: "last_ten", MAID: "devices", TELEVISION: "televisions"}
    for table in ("wanted", *tables.values()):
        selects = [_keyed(name, code) for name, code in keyed if tables.get(code, "wanted") == table]
        connection.execute(f"CREATE TABLE {table} AS {' UNION ALL '.join(selects) or _keyed('none', 0)}")
    names = " UNION ALL ".join(f"FROM {table}" for table in ("wanted", *tables.values()))
    connection.execute(f"CREATE TABLE keyed AS {names}")
    connection.execute(f"CREATE TABLE taken_back AS {_taken_back(keyed)}")
    _find_phones(connection, sandbox_id)
    _find(connection, sandbox_id, _texts_of_televisions(sandbox))
    _decide(connection, sandbox_id, exempt_segment_id, {*compared(sandbox), *not_held})


def _find(connection: Connection, sandbox_id: str, televisions: Sequence[int]) -> None:
    columns = "line BIGINT, hi BIGINT, lo BIGINT, namespace SMALLINT, value BLOB, profile_id VARCHAR"
    connection.execute(f"CREATE TABLE waiting ({columns}); CREATE TABLE matched ({columns}, waits BOOLEAN)")
    codes = f"({', '.join(map(str, televisions)) or 'NULL'})"
    selects = [
        select.replace("{televisions}", codes) for table, select in _FOUND.items() if _has_rows(connection, table)
    ]
    if not selects:
        return
    # What is applied meanwhile goes from the changes into the profiles, so that they are read in this order.
    for item in _pending(sandbox_id):
        for select in selects:
            connection.execute(f"INSERT INTO waiting {select.format(profiles=item)}")
    for files in _parts(dict(buckets.listing(layout.profiles(sandbox_id)))):
        for select in selects:
            connection.execute(f"INSERT INTO matched SELECT *, FALSE FROM ({select.format(profiles=parquet(files))})")
    connection.execute(
        "INSERT INTO matched SELECT line, hi, lo, any_value(namespace), any_value(value), max(profile_id), TRUE"
        " FROM waiting ANTI JOIN matched USING (line, hi, lo) GROUP BY line, hi, lo"
    )


def _pending(sandbox_id: str) -> Iterator[str]:
    """FROM items of what waiting changes say of profiles, one by one; each is gone with the next."""
    for _, _, name in change_log.pending_profiles(sandbox_id, unseen=True):
        with TemporaryDirectory() as folder:
            path = Path(folder) / f"waiting{Path(name).suffix}"
            if objects.download(name, path) is not None:
                yield parquet([path]) if path.suffix == ".parquet" else streaming.profiles_sql(path)


def _keyed(list_type: str, code: int) -> str:
    digests = f"SELECT line, {digest_sql(code, 'hash')} AS digest FROM lines WHERE list_type = '{list_type}'"
    return f"SELECT line, {key_sql()} FROM ({digests})"


def _taken_back(keyed: Iterable[tuple[str, int]]) -> str:
    selects = [
        f"SELECT id, {digest_sql(code, 'hash')} AS digest FROM lines WHERE removed_from = '{list_type}'"
        for list_type, code in keyed
    ]
    return f"SELECT DISTINCT id, {key_sql()} FROM ({' UNION ALL '.join(selects)})"


def _find_phones(connection: Connection, sandbox_id: str) -> None:
    if not _has_rows(connection, "last_ten"):
        return
    for files in _parts(dict(buckets.listing(layout.phone_index(sandbox_id)))):
        connection.execute(
            f"INSERT INTO wanted SELECT t.line, i.hi, i.lo FROM {parquet(files)} AS i"
            " JOIN last_ten AS t ON t.hi = i.last_ten_hi AND t.lo = i.last_ten_lo"
        )


def _decide(
    connection: Connection, sandbox_id: str, exempt_segment_id: str | None, answered: Collection[ListType]
) -> None:
    connection.execute(
        """
        CREATE TABLE outcomes AS
        SELECT line, CASE
            WHEN count(m.line) = 0 THEN 'not_found'
            WHEN count(DISTINCT coalesce(m.profile_id, m.hi || '/' || m.lo)) > 1 THEN 'opted_out'
            ELSE 'deleted'
        END AS outcome
        FROM lines LEFT JOIN matched AS m USING (line) WHERE list_type IN $compared
        GROUP BY line ORDER BY line
        """,
        {"compared": sorted(answered)},
    )
    if exempt_segment_id is None:
        return
    create_table(connection, "exempt", {"line": "BIGINT"}, _exempt(connection, sandbox_id, exempt_segment_id))
    connection.execute("UPDATE outcomes SET outcome = 'exempted' WHERE line IN (SELECT line FROM exempt)")


def _exempt(connection: Connection, sandbox_id: str, segment_id: str) -> list[tuple[int]]:
    """The matched lines of whose people one is a member of the segment."""
    rows = connection.execute("SELECT line, hi, lo FROM matched").fetchall()
    named: dict[str, list[tuple[int, int]]] = {}
    for line, hi, lo in rows:
        named.setdefault(str(line), []).append((hi, lo))
    found = people.find_people(sandbox_id, named, careful=named) if named else {}
    keyed = [(int(line), *key) for line, person in found.items() for key in person.identities]
    create_table(connection, "known", {"line": "BIGINT", **layout.KEY_COLUMNS}, keyed)
    exempt: set[int] = set()
    for files in _parts(dict(buckets.listing(layout.memberships(sandbox_id, segment_id)))):
        members = connection.execute(f"SELECT DISTINCT line FROM known SEMI JOIN {parquet(files)} USING (hi, lo)")
        exempt |= {line for (line,) in members.fetchall()}
    return [(line,) for line in sorted(exempt)]


def not_indexed(connection: Connection, sandbox_id: str) -> int:
    """How many of the sandbox's phone numbers no line can be compared with."""
    code = namespace("phone").code
    count = 0
    for prefix, condition in ((layout.profiles, f"namespace = {code}"), (layout.phone_index, "TRUE")):
        sign = 1 if prefix is layout.profiles else -1
        for files in _parts(dict(buckets.listing(prefix(sandbox_id)))):
            ((rows,),) = connection.execute(f"SELECT count(*) FROM {parquet(files)} WHERE {condition}").fetchall()
            count += sign * rows
    return max(0, count)


def _has_rows(connection: Connection, table: str) -> bool:
    return connection.execute(f"FROM {table} LIMIT 1").fetchone() is not None


def _parts(listed: dict[int, ObjectVersion]) -> Iterator[list[Path]]:
    """Buckets' objects as local files, some at a time, which are gone afterwards."""
    for group in buckets.groups(((bucket, stored.size) for bucket, stored in listed.items()), _PART_BYTES):
        with TemporaryDirectory() as folder:
            paths = {Path(folder) / buckets.object_key("", bucket): listed[bucket].key for bucket in group}
            if files := list(transfers.download(paths)):
                yield files
