"""Pages of shares, schemas and tables."""

from collections.abc import Callable, Sequence

from handfast.platform import cursors
from handfast.sharing import catalogue, naming
from handfast.sharing.catalogue import Reader, SharedTable
from handfast.sharing.wire import SchemaItem, SchemaList, ShareAnswer, SharedTableItem, ShareItem, ShareList, TableList

MOST = 500
"""Items of a page, unless fewer are asked for."""
_BEFORE_ALL = " "
"""Less than every name."""


def shares(reader: Reader, most: int | None, token: str | None) -> ShareList:
    """A page of the shares. Raises Malformed for a token of another list."""
    found = list(catalogue.shares(reader).values())
    items, next_token = _page(found, lambda each: each.share, f"shares|{reader.principal_id}", most, token)
    return ShareList(items=list(map(_share, items)), next_page_token=next_token)


def share(reader: Reader, name: str) -> ShareAnswer:
    """One share. Raises NotFound for an unknown one."""
    return ShareAnswer(share=_share(catalogue.tables(reader, name)[0]))


def schemas(reader: Reader, share: str, most: int | None, token: str | None) -> SchemaList:
    """The one schema of a share. Raises NotFound for an unknown one, Malformed for a token of another list."""
    found = [catalogue.tables(reader, share)[0].share]
    items, next_token = _page(found, str, f"schemas|{reader.principal_id}|{found[0]}", most, token)
    return SchemaList(items=[SchemaItem(name=naming.SCHEMA, share=each) for each in items], next_page_token=next_token)


def tables(reader: Reader, share: str, schema: str, most: int | None, token: str | None) -> TableList:
    """A page of the tables of a schema. Raises NotFound for an unknown one, Malformed for a token of another list."""
    found = catalogue.tables_of_schema(reader, share, schema)
    scope = f"tables|{reader.principal_id}|{found[0].share}"
    items, next_token = _page(found, lambda each: each.name, scope, most, token)
    return TableList(items=list(map(_table, items)), next_page_token=next_token)


def _page[T](
    found: Sequence[T], name: Callable[[T], str], scope: str, most: int | None, token: str | None
) -> tuple[Sequence[T], str | None]:
    after = cursors.decode(scope, token) if token else _BEFORE_ALL
    left = [each for each in found if name(each) > after]
    items = left[: MOST if most is None else min(most, MOST)]
    if len(items) == len(left):
        return items, None
    return items, cursors.encode(scope, name(items[-1]) if items else after)


def _share(of: SharedTable) -> ShareItem:
    return ShareItem(name=of.share, id=of.share_id)


def _table(of: SharedTable) -> SharedTableItem:
    return SharedTableItem(name=of.name, schema_=naming.SCHEMA, share=of.share, share_id=of.share_id, id=of.table_id)
