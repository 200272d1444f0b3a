"""The HTML that packages are written in: escaped, without a script or anything to load. Pure."""

from collections.abc import Iterable, Sequence
from html import escape

type Row = Sequence[str | None]

_STYLE = """
body { font: 1rem/1.5 system-ui, sans-serif; color: #1c1c1c; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.7rem; line-height: 1.2 } h2 { font-size: 1.2rem; margin-top: 2.2rem }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.2rem } dt { color: #5a5a5a } dd { margin: 0 }
table { border-collapse: collapse; width: 100%; font-size: .92rem }
th, td { text-align: left; vertical-align: top; padding: .35rem .8rem .35rem 0; border-bottom: 1px solid #ddd }
td, dd, pre { overflow-wrap: anywhere } pre { white-space: pre-wrap; font-size: .85rem; margin: 0 }
p.none { color: #5a5a5a }
"""


def page(title: str, parts: Iterable[str]) -> str:
    """A page of these parts that loads nothing and runs nothing."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<h1>{escape(title)}</h1>\n"
        + "\n".join(parts)
        + "\n</body>\n</html>\n"
    )


def section(title: str) -> str:
    """A heading."""
    return f"<h2>{escape(title)}</h2>"


def paragraph(text: str) -> str:
    """A paragraph."""
    return f"<p>{escape(text)}</p>"


def facts(*named: tuple[str, str]) -> str:
    """Names with what they are."""
    return "<dl>" + "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in named) + "</dl>"


def table(heads: Row, rows: Sequence[Row], none: str) -> str:
    """A table, or the text `none` where it has no rows."""
    if not rows:
        return f'<p class="none">{escape(none)}</p>'
    body = "".join(_cells("td", row) for row in rows)
    return f"<table><thead>{_cells('th', heads)}</thead><tbody>{body}</tbody></table>"


def _cells(tag: str, texts: Row) -> str:
    return "<tr>" + "".join(f"<{tag}>{_lines(text or '')}</{tag}>" for text in texts) + "</tr>"


def _lines(text: str) -> str:
    return f"<pre>{escape(text)}</pre>" if "\n" in text else escape(text)
