"""The data plane's objects as relations of DuckDB, over local files."""

# ruff: noqa: S608 - statements are built from quoted names and numbers
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import zip_longest
from pathlib import Path
from types import MappingProxyType

from handfast.governance import consent
from handfast.lake import layout
from handfast.lake.duck import Connection, create_words, literal, relation, widened
from handfast.matching import trait_rules
from handfast.matching.models import FORM_UNKNOWN, BucketFiles, Held, Terms
from handfast.matching.trait_rules import Rule

_RELATIONS, _CHANGED = (Path(__file__).with_name(f"{name}.sql") for name in ("relations", "changed"))

MEMBERSHIP_COLUMNS = MappingProxyType({**layout.KEY_COLUMNS, "segment": "segment_id"})
_MEMBER_DELTA = MappingProxyType({**layout.KEY_COLUMNS, "realized": "BOOLEAN"})
_HELD_COLUMNS = MappingProxyType({"segment": "segment_id", "namespace": "SMALLINT", "reason": "VARCHAR"})
_ANSWERS = MappingProxyType({"share": "VARCHAR", "profile_share": "VARCHAR"})
_PARTNER_COLUMNS = MappingProxyType({**layout.KEY_COLUMNS, **_ANSWERS, "known_since": "INTEGER"})
_PROFILE_DELTA = MappingProxyType({**layout.KEY_COLUMNS, "namespace": "SMALLINT", **_ANSWERS})


@cache
def statement(path: Path) -> str:
    """The text of an SQL file."""
    return path.read_text()


def memberships(group: Sequence[BucketFiles], terms: Terms) -> str:
    """A FROM item of `hi, lo, segment` of the terms' segments, over their members in some buckets."""
    rules, received = dict(terms.composed), dict(terms.received)
    own = {name: [files.memberships[name] for files in group if name in files.memberships] for name in terms.sources}
    given = {
        name: [files.received[flow] for files in group for flow in flows if flow in files.received]
        for name, flows in received.items()
    }
    known = [name for name in terms.sources if own[name] or given.get(name)]

    def source(name: str, columns: Mapping[str, str]) -> str:
        return received_members(given[name], name) if name in received else relation(own[name], columns)

    def composed(rule: Rule) -> str:
        columns = trait_rules.member_columns(rule)
        return trait_rules.members(rule, {name: source(name, columns) for name in known})

    members = {
        name: composed(rules[name]) if name in rules else source(name, layout.KEY_COLUMNS)
        for name in terms.segments
        if name in rules or name in known
    }
    parts = [
        f"SELECT hi, lo, CAST({literal(segment)} AS segment_id) AS segment FROM {source}"
        for segment, source in members.items()
    ]
    return f"({' UNION ALL '.join(parts)})" if parts else relation((), MEMBERSHIP_COLUMNS)


def received_members(disclosures: Iterable[Path], segment_id: str) -> str:
    """A FROM item of `hi, lo, since`: whom dataflows have given in a segment and not withdrawn, each once."""
    held = f"segment = {literal(segment_id)} AND withdrawn_at IS NULL"
    rows = f"FROM {relation(disclosures, layout.DISCLOSURE_COLUMNS)} WHERE {held}"
    return f"(SELECT hi, lo, max(disclosed_at) AS since {rows} GROUP BY hi, lo)"


def create_segment_type(
    connection: Connection, segments: Iterable[str], disclosures: Iterable[Path | None] = ()
) -> None:
    """Create the type `segment_id`: these segments and all that were ever delivered."""
    source = relation(disclosures, layout.DISCLOSURE_COLUMNS)
    delivered = connection.execute(f"SELECT DISTINCT segment FROM {source}").fetchall()
    known = sorted({*segments, *(str(segment) for (segment,) in delivered)}) or [""]
    create_words(connection, "segment_id", known)


def items(group: Sequence[BucketFiles], terms: Terms) -> dict[str, str]:
    """The FROM items of some buckets; a stopped dataflow reads nothing but its disclosures and suppressions."""
    inputs = group if terms.segments else []
    partners = [files.partner if terms.partner else files.profiles for files in inputs]
    own = [path for files in group for path in (files.suppressions, files.suppressions_towards_partner)]
    theirs = [path for files in group for path in (files.partner_suppressions, files.suppressions_towards_source)]
    return {
        "memberships": memberships(inputs, terms),
        "profiles": profiles(inputs, terms),
        "partner": _rendered(inputs, _partner(partners, terms), terms),
        "suppressions": relation(own if inputs else (), layout.SUPPRESSION_COLUMNS),
        "suppressed_by_either": relation([*own, *theirs], layout.SUPPRESSION_COLUMNS),
        "disclosures": relation([files.disclosures for files in group], layout.DISCLOSURE_COLUMNS),
    }


def profiles(group: Sequence[BucketFiles], terms: Terms) -> str:
    """A FROM item of the profiles of some buckets, with values in the forms that the target wants."""
    source = relation([files.profiles for files in group], layout.PROFILE_COLUMNS)
    if not terms.forms:
        return source
    forms = " ".join(f"WHEN {code} THEN nullif(r.{form}, ''::BLOB)" for code, form in terms.forms)
    value = f"coalesce(CASE p.namespace {forms} END, p.value)"
    return f"(SELECT p.* REPLACE ({value} AS value) FROM {source} p LEFT JOIN {_renderings(group)} r USING (hi, lo))"


def _rendered(group: Sequence[BucketFiles], partner: str, terms: Terms) -> str:
    """A FROM item of those of the partner's of which the form that the target wants is known."""
    if not terms.forms:
        return partner
    source = relation([files.profiles for files in group], layout.PROFILE_COLUMNS)
    forms = " ".join(f"WHEN {code} THEN r.{form} IS NOT NULL" for code, form in terms.forms)
    joined = f"{source} p LEFT JOIN {_renderings(group)} r USING (hi, lo)"
    known = f"(SELECT hi, lo FROM {joined} WHERE CASE p.namespace {forms} ELSE TRUE END)"
    return f"(SELECT t.* FROM {partner} t SEMI JOIN {known} USING (hi, lo))"


def _renderings(group: Sequence[BucketFiles]) -> str:
    return widened([files.renderings for files in group], layout.RENDERING_COLUMNS)


def _partner(files: Sequence[Path | None], terms: Terms) -> str:
    """A FROM item of the partner's identities, with its answers where those are checked, and their age where it is."""
    answers, since, rows = "share, profile_share", "known_since", widened(files, _PARTNER_COLUMNS)
    if not terms.partner_consent_default:
        answers = "CAST(NULL AS VARCHAR) AS share, CAST(NULL AS VARCHAR) AS profile_share"
    if not terms.minimum_age:
        since, rows = "CAST(NULL AS INTEGER) AS known_since", relation(files, _PARTNER_COLUMNS)
    return f"(SELECT hi, lo, {answers}, {since} FROM {rows})"


def relate(connection: Connection, sources: Mapping[str, str], terms: Terms) -> None:
    """Name the relations of the statements, over FROM items."""
    namespaces = ", ".join(map(str, terms.namespaces)) or "NULL"
    consented = consent.CONSENTED.format(consent_default=terms.consent_default)
    stopped = ", ".join(f"CAST({literal(segment)} AS segment_id)" for segment in terms.stopped) or "NULL"
    partner_consented = "1"
    if terms.partner_consent_default:
        partner_consented = consent.CONSENTED.format(consent_default=terms.partner_consent_default)
    young = f"known_since >= {terms.hour - terms.minimum_age}" if terms.minimum_age else "FALSE"
    rules = {"namespaces": namespaces, "consented": consented, "stopped": stopped, "held": _held_back(terms.held)}
    rules |= {"absent": literal(FORM_UNKNOWN if terms.forms else "not_in_partner")}
    rules |= {"young": young, "by_age": "TRUE" if terms.minimum_age else "FALSE"}
    views = statement(_RELATIONS).format(**sources, **rules, partner_consented=partner_consented)
    connection.execute(views)


def _held_back(held: Iterable[Held]) -> str:
    """A FROM item of `segment, namespace, reason`."""
    rows = [
        f"(CAST({literal(each.segment)} AS segment_id), CAST({each.namespace} AS SMALLINT), {literal(each.reason)})"
        for each in held
    ]
    return f"(VALUES {', '.join(rows)}) w (segment, namespace, reason)" if rows else relation((), _HELD_COLUMNS)


def deltas(files: Sequence[Sequence[Path]], columns: Mapping[str, str]) -> str:
    """A FROM item of rows as they were before each delta; `files` of some buckets, by delta."""
    parts = [
        f"SELECT {number} AS delta, {', '.join(columns)} FROM {relation(paths, columns)}"
        for number, paths in enumerate(zip_longest(*files))
    ]
    return f"({' UNION ALL '.join(parts) or f'SELECT 0 AS delta, * FROM {relation((), columns)}'})"


def changed(connection: Connection, group: Sequence[BucketFiles], terms: Terms) -> Mapping[str, str]:
    """Gather what is known of all that inputs changed, now and then; the FROM items of now.

    Those of then are the same with `then_` before memberships, profiles and partner.
    """
    sources = items(group, terms)
    baselines = [files.baseline for files in group if files.baseline]
    partners = [baseline.partner if terms.partner else baseline.profiles for baseline in baselines]
    if not any([*(baseline.profiles for baseline in baselines), *partners]):
        # Members' own deltas tell of all that count.
        sources["memberships"] = relation((), MEMBERSHIP_COLUMNS)
    by_segment = [
        f"SELECT delta, hi, lo, CAST({literal(name)} AS segment_id) AS segment, realized"
        f" FROM {deltas([baseline.memberships.get(name, ()) for baseline in baselines], _MEMBER_DELTA)}"
        for name in terms.segments
    ]
    connection.execute(
        statement(_CHANGED).format(
            **sources,
            profile_deltas=deltas([baseline.profiles for baseline in baselines], _PROFILE_DELTA),
            partner_deltas=deltas(partners, _PROFILE_DELTA),
            membership_deltas=f"({' UNION ALL '.join(by_segment)})",
        )
    )
    return sources | {name: f"now_{name}" for name in ("memberships", "profiles", "partner", "disclosures")}
