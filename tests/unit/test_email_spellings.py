"""Addresses beyond ASCII that are read in bulk are those that are read one by one."""

import re
from pathlib import Path
from random import Random

import duckdb
import pytest

from handfast.identity.email_spellings import LETTERS
from handfast.identity.namespaces import Reading, Rejected, namespace
from handfast.ingest import odd_values
from tests.worlds.plans import PLAN
from tests.worlds.staged import everything

EMAIL = namespace("email")
DOMAINS = (
    *("example.com", "MAIL.Example.ORG", "bücher.example", "Bücher.Example", "例え.test", "xn--bcher-kva.example"),
    *("bu\u0308cher.example", "büc--her.example", "example", "-a.example", "bÃ¼cher.example", "a..b", "o'hara.example"),
    *("\uff45xample.com", "straße.example", "e\u200bx.example", f"{'ü' * 60}.example", "почта.test", "test.bücher"),
)
LOCAL_PARTS = (
    *("größe", "GRÖSSE", "Ärger.ß", "łódka", "İstanbul", "ΔΈΛΤΑΣ", "δέλτας", "ž", "éž", "Éž", "ÂŠ", "Ã¼ber", "naïve+é"),
    *(
        "e\u0301t",
        "ﬁsch",
        "\uff11\uff12",
        "한글",
        "한",
        "\u1112\u1161\u11ab",
        "न्यूज़",
        "شركة",
        "test",
        "é'",
        "é%41",
        ".é",
        "é.",
    ),
    *(
        "é..a",
        "é*",
        "é b",
        "é\u200d",
        "é" * 130,
        "noreply",
        "мир",
        "Μάϊος",
        "dž",
        "ǅ",
        "\u017fmall",
        "ÿÿ",
        "éƒ",
        "mailto:é",
    ),
)


def in_bulk(texts: list[str]) -> list[str | None]:
    """What each text is in bulk; None where it is left."""
    assert EMAIL.spelt is not None
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute(
            "CREATE TABLE texts AS SELECT unnest(range(len($texts))) AS id, unnest($texts::VARCHAR[]) AS text",
            {"texts": texts},
        )
        select = EMAIL.spelt(lambda sql: connection.execute(sql).fetchall(), "texts", None)
        found: dict[int, str | None] = dict(connection.execute(select).fetchall())
    return [found.get(number) for number in range(len(texts))]


def one_by_one(text: str) -> str | None:
    try:
        return EMAIL.canonical(text, Reading())
    except Rejected:
        return None


def test_every_letter_is_read_as_it_is_read_alone() -> None:
    letters = [char for char in map(chr, range(0x80, 0x10000)) if re.fullmatch(f"[{''.join(LETTERS)}]", char)]
    texts = [f"a{letter}b.{letter}@example.com" for letter in letters]
    assert len(letters) > 39_000
    assert in_bulk(texts) == [one_by_one(text) for text in texts]


def test_what_is_read_in_bulk_is_read_as_one_by_one_whatever_stands_together() -> None:
    rng = Random(5)
    texts = [f"{local_part}@{domain}" for local_part in LOCAL_PARTS for domain in DOMAINS]
    parts = [*LOCAL_PARTS, "a", "x-", "_", "+tag", "."]
    texts += [f"{''.join(rng.choices(parts, k=3))}@{rng.choice(DOMAINS)}" for _ in range(4_000)]
    read = in_bulk(texts)
    wrong = [text for text, found in zip(texts, read, strict=True) if found is not None and found != one_by_one(text)]
    assert wrong == []
    assert sum(found is not None for found in read) > 300


def test_texts_without_a_known_domain_are_left() -> None:
    assert in_bulk(["é@example", "é@-a.example", "é"]) == [None] * 3


def test_a_file_is_the_same_change_in_bulk_as_one_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = Random(8)
    path = tmp_path / "people.csv"
    blanks = ("", " ", "\t", "\u200b")
    lines = [f"{rng.choice(LOCAL_PARTS)}{number}@{rng.choice(DOMAINS)}{rng.choice(blanks)}" for number in range(3_000)]
    path.write_text("\n".join([PLAN.columns[0].column, *lines]))

    monkeypatch.setattr(odd_values, "MANY", 10_000)
    alone = everything(path, PLAN, tmp_path / "one_by_one")
    monkeypatch.setattr(odd_values, "MANY", 1_000)
    assert everything(path, PLAN, tmp_path / "in_bulk") == alone
