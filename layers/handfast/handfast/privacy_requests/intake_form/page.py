"""The intake form and its receipts as HTML: no script, nothing to load, and every text escaped. Pure."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from html import escape
from urllib.parse import quote

from handfast.privacy_requests.intake_form.models import FormType, PublicForm, Receipt, ReceiptState
from handfast.privacy_requests.intake_form.words import WORDS, Words
from handfast.privacy_requests.models import Language

_STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #57606a; --line: #8c959f; --back: #fff; --mark: #0b57d0;
  --on-mark: #fff; --bad: #b3261e; --bad-back: #fdf1f0; --field: #fff; --good: #1a7f37 }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #a5adb6; --line: #7d8590; --back: #14181d;
  --mark: #8ab4f8; --on-mark: #0d1b33; --bad: #ff9a91; --bad-back: #331c1b; --field: #1c2127; --good: #57c974 } }
* { box-sizing: border-box }
body { margin: 0; font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; color: var(--ink);
  background: var(--back); overflow-wrap: anywhere }
main { max-width: 38rem; margin: 0 auto; padding: 1.5rem 1rem 3rem }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1rem; justify-content: flex-end; font-size: .9rem }
nav a, nav span { padding: .35rem 0; min-height: 24px } nav span { color: var(--soft) }
a { color: var(--mark) }
h1 { font-size: clamp(1.5rem, 5vw, 2rem); line-height: 1.2; margin: .75rem 0 .5rem; text-wrap: balance }
.lead { font-size: 1.1rem; margin: 0 0 1.75rem; color: var(--soft) }
fieldset { border: 0; padding: 0; margin: 0 0 1.75rem; min-width: 0 }
legend, label.name { display: block; padding: 0; font-weight: 600; margin-bottom: .3rem }
.field { margin: 0 0 1.75rem } .hint { margin: 0 0 .5rem; color: var(--soft); font-size: .92rem }
.optional { font-weight: 400; color: var(--soft) }
.choice { display: flex; gap: .75rem; align-items: flex-start; padding: .65rem .75rem; margin: 0 0 .5rem;
  border: 1px solid var(--line); border-radius: .5rem; background: var(--field); cursor: pointer }
.choice input { flex: none; width: 1.25rem; height: 1.25rem; margin: .125rem 0 0; accent-color: var(--mark) }
.choice:has(:checked) { border-color: var(--mark); box-shadow: inset 0 0 0 1px var(--mark) }
input[type=email], input[type=tel], input[type=text], select, textarea { width: 100%; min-height: 2.9rem;
  padding: .6rem .75rem; font: inherit; color: inherit; background: var(--field); border: 1px solid var(--line);
  border-radius: .5rem }
input#code { max-width: 12rem; font-size: 1.4rem; letter-spacing: .25em; font-variant-numeric: tabular-nums }
textarea { min-height: 7rem; resize: vertical }
[aria-invalid=true] { border-color: var(--bad) !important; box-shadow: inset 0 0 0 1px var(--bad) }
:focus-visible { outline: 3px solid var(--mark); outline-offset: 2px }
button { width: 100%; min-height: 3rem; padding: .7rem 1.5rem; font: inherit; font-weight: 600; border: 0;
  border-radius: .5rem; background: var(--mark); color: var(--on-mark); cursor: pointer }
.error { color: var(--bad); margin: 0 0 .5rem; font-weight: 600; font-size: .95rem }
.errors { border: 2px solid var(--bad); border-radius: .5rem; background: var(--bad-back); padding: 1rem;
  margin: 0 0 1.75rem }
.errors h2 { font-size: 1.1rem; margin: 0 0 .4rem } .errors ul { margin: 0; padding-left: 1.2rem }
.errors p { margin: 0 } .errors a { color: inherit }
.trap { position: absolute; left: -100vw; width: 1px; height: 1px; overflow: hidden }
.small { font-size: .92rem; color: var(--soft) }
.steps { list-style: none; margin: 0 0 1.5rem; padding: 0 }
.steps li { position: relative; padding: 0 0 1.1rem 2.25rem; color: var(--soft) }
.steps li::before { content: ""; position: absolute; left: .2rem; top: .2rem; width: 1.1rem; height: 1.1rem;
  border: 2px solid var(--line); border-radius: 50%; background: var(--back); z-index: 1 }
.steps li:not(:last-child)::after { content: ""; position: absolute; left: .83rem; top: 1.2rem; bottom: -.2rem;
  width: 2px; background: var(--line) }
.steps .done::before { background: var(--good); border-color: var(--good) }
.steps [aria-current]::before { border-color: var(--mark); background: var(--mark) }
.steps [aria-current] { color: var(--ink) } .steps strong { display: block } .steps p { margin: .1rem 0 0 }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; margin: 0 0 1.5rem }
dt { color: var(--soft) } dd { margin: 0 }
@media (min-width: 40rem) { button { width: auto } main { padding-top: 2.5rem } }
"""
STYLE_HASH = "sha256-" + base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
"""What a policy names the pages' own style by."""
_STEPS: tuple[ReceiptState, ...] = ("received", "confirmed", "in_progress", "answered")
_FIELDS = ("type", "regulation", "email", "phone", "note", "website", "code")

type Given = Mapping[str, str]
type Errors = Mapping[str, str]


def policy(origins: Sequence[str]) -> str:
    """The Content-Security-Policy of a page that these sites may embed: it loads and runs nothing."""
    ancestors = " ".join(origins) or "'none'"
    return (
        f"default-src 'none'; style-src '{STYLE_HASH}'; form-action 'self'; base-uri 'none'; "
        f"frame-ancestors {ancestors}"
    )


def form_page(address: str, form: PublicForm, language: Language, given: Given, errors: Errors) -> str:
    """The form at an address, filled in with what was given before, and with what is wrong with it by field."""
    words = WORDS[language]
    named = {"organization": form.organization_name}
    title = form.heading or words.title
    parts = [
        _languages(address, form.languages, language),
        f"<h1>{escape(title)}</h1>",
        f'<p class="lead">{escape(words.lead.format(**named))}</p>',
        _summary(words, errors),
        f'<form method="post" action="{address}">',
        f'<input type="hidden" name="language" value="{language}">',
        _types(form, words, given, errors),
        _regulations(form, words, given, errors),
        _text("email", "email", words, given, errors, 'required autocomplete="email" maxlength="320"'),
    ]
    if any(law.unproved for law in form.regulations):
        parts.append(_text("phone", "tel", words, given, errors, 'autocomplete="tel" maxlength="50"'))
    if any("rectification" in law.types for law in form.regulations):
        parts.append(_note(words, given, errors))
    parts += [
        '<div class="trap" aria-hidden="true">'
        f'<label for="website">{escape(words.trap)}</label>'
        '<input type="text" id="website" name="website" tabindex="-1" autocomplete="off"></div>',
        f'<p class="small">{escape(form.retention)}</p>' if form.retention else "",
        f'<p class="small">{_outward(form.privacy_policy_url, words.policy.format(**named), words)}</p>',
        f'<button type="submit">{escape(words.send)}</button>',
        "</form>",
    ]
    return _page(title, form.organization_name, language, parts, is_wrong=bool(errors))


def receipt_page(
    address: str, organization: str, receipt: Receipt, due: str, language: Language, errors: Errors
) -> str:
    """A request's state at an address, due on a day, and where it awaits its code, the field for it."""
    words = WORDS[language]
    itself = f"{address}?language={language}"
    parts = [
        _languages(address, list(WORDS), language),
        f"<h1>{escape(words.receipt_title)}</h1>",
        f'<p class="lead">{escape(organization)}</p>',
        _summary(words, errors),
        f"<dl><dt>{escape(words.request)}</dt><dd>{escape(_type(words, receipt))}</dd></dl>",
        _steps(words, receipt, due),
    ]
    if receipt.awaits_code:
        attributes = 'required inputmode="numeric" autocomplete="one-time-code" pattern="[0-9]{6}" maxlength="6"'
        parts += [
            f'<form method="post" action="{address}/code?language={language}">',
            _text("code", "text", words, {}, errors, attributes),
            f'<button type="submit">{escape(words.code_send)}</button>',
            "</form>",
        ]
    if not receipt.is_written_to:
        parts.append(f"<p>{escape(words.unwritten)}</p>")
    parts.append(f'<p class="small">{_outward(itself, words.keep, words)}</p>')
    return _page(words.receipt_title, organization, language, parts, is_wrong=bool(errors))


def gone_page(language: Language) -> str:
    """What stands where no form and no receipt is."""
    words = WORDS[language]
    parts = [f"<h1>{escape(words.gone_title)}</h1>", f"<p>{escape(words.gone)}</p>"]
    return _page(words.gone_title, "", language, parts)


def failed_page(language: Language, text: str) -> str:
    """What stands where a page cannot be shown now."""
    words = WORDS[language]
    return _page(words.errors_title, "", language, [f"<h1>{escape(words.errors_title)}</h1>", f"<p>{escape(text)}</p>"])


def _page(title: str, organization: str, language: Language, parts: Sequence[str], *, is_wrong: bool = False) -> str:
    words = WORDS[language]
    name = " - ".join(each for each in (title, organization) if each)
    name = f"{words.errors_title}: {name}" if is_wrong else name
    return (
        f'<!DOCTYPE html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="robots" content="noindex">\n'
        f"<title>{escape(name)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(part for part in parts if part)
        + "\n</main>\n</body>\n</html>\n"
    )


def _languages(path: str, offered: Sequence[Language], current: Language) -> str:
    if len(offered) == 1:
        return ""
    links = [
        f'<span lang="{each}" aria-current="true">{escape(WORDS[each].name)}</span>'
        if each == current
        else f'<a lang="{each}" hreflang="{each}" href="{path}?language={each}">{escape(WORDS[each].name)}</a>'
        for each in offered
    ]
    return f"<nav>{''.join(links)}</nav>"


def _outward(url: str, text: str, words: Words) -> str:
    """A link out of the frame that the page may stand in."""
    where = escape(f"{text} ({words.new_tab})")
    return f'<a href="{escape(url)}" target="_blank" rel="noopener noreferrer">{where}</a>'


def _summary(words: Words, errors: Errors) -> str:
    if not errors:
        return ""
    ids = {"type": "type-0"}
    lines = [
        f'<li><a href="#{ids.get(name, quote(name))}">{escape(text)}</a></li>'
        if name in _FIELDS
        else f"<li>{escape(text)}</li>"
        for name, text in errors.items()
    ]
    return f'<div class="errors" role="alert"><h2>{escape(words.errors_title)}</h2><ul>{"".join(lines)}</ul></div>'


def _described(name: str, errors: Errors, *, has_hint: bool = True) -> str:
    """The attributes that tie a field to its hint and to what is wrong with it."""
    ids = [f"{name}-hint"] if has_hint else []
    ids += [f"{name}-error"] if name in errors else []
    described = f' aria-describedby="{" ".join(ids)}"' if ids else ""
    return described + (' aria-invalid="true"' if name in errors else "")


def _wrong(name: str, errors: Errors) -> str:
    return f'<p class="error" id="{name}-error">{escape(errors[name])}</p>' if name in errors else ""


def _types(form: PublicForm, words: Words, given: Given, errors: Errors) -> str:
    offered = list(dict.fromkeys(kind for law in form.regulations for kind in law.types))
    choices = [
        f'<label class="choice"><input type="radio" name="type" id="type-{index}" value="{kind}" required'
        f"{' checked' if kind == given.get('type') or len(offered) == 1 else ''}>"
        f"<span>{escape(words.types[kind])}</span></label>"
        for index, kind in enumerate(offered)
    ]
    described = _described("type", errors, has_hint=False)
    return (
        f"<fieldset{described}><legend>{escape(words.type)}</legend>{_wrong('type', errors)}"
        f"{''.join(choices)}</fieldset>"
    )


def _regulations(form: PublicForm, words: Words, given: Given, errors: Errors) -> str:
    if len(form.regulations) == 1:
        return ""
    options = [f'<option value="">{escape(words.choose)}</option>'] + [
        f'<option value="{escape(law.regulation)}"{" selected" if law.regulation == given.get("regulation") else ""}>'
        f"{escape(law.name)}</option>"
        for law in form.regulations
    ]
    return (
        f'<div class="field"><label class="name" for="regulation">{escape(words.regulation)}</label>'
        f'<p class="hint" id="regulation-hint">{escape(words.regulation_hint)}</p>{_wrong("regulation", errors)}'
        f'<select id="regulation" name="regulation" required{_described("regulation", errors)}>'
        f"{''.join(options)}</select></div>"
    )


def _label(name: str, words: Words, *, optional: bool) -> str:
    mark = f' <span class="optional">({escape(words.optional)})</span>' if optional else ""
    label, hint = getattr(words, name), getattr(words, f"{name}_hint")
    return (
        f'<label class="name" for="{name}">{escape(label)}{mark}</label>'
        f'<p class="hint" id="{name}-hint">{escape(hint)}</p>'
    )


def _text(name: str, kind: str, words: Words, given: Given, errors: Errors, attributes: str) -> str:
    label = _label(name, words, optional="required" not in attributes)
    return (
        f'<div class="field">{label}{_wrong(name, errors)}'
        f'<input type="{kind}" id="{name}" name="{name}" value="{escape(given.get(name, ""))}" '
        f"{attributes}{_described(name, errors)}></div>"
    )


def _note(words: Words, given: Given, errors: Errors) -> str:
    return (
        f'<div class="field">{_label("note", words, optional=True)}{_wrong("note", errors)}'
        f'<textarea id="note" name="note" maxlength="1000"{_described("note", errors)}>'
        f"{escape(given.get('note', ''))}</textarea></div>"
    )


def _type(words: Words, receipt: Receipt) -> str:
    kinds: Mapping[FormType, str] = words.types
    return next((text for kind, text in kinds.items() if kind == receipt.type), receipt.type)


def _steps(words: Words, receipt: Receipt, due: str) -> str:
    if receipt.state == "closed":
        name, text = words.states["closed"]
        return f"<p><strong>{escape(name)}</strong></p><p>{escape(text)}</p>"
    current = _STEPS.index(receipt.state)
    items = []
    for index, state in enumerate(_STEPS):
        name, text = words.states[state]
        told = f"<p>{escape(text.format(day=due))}</p>" if index == current else ""
        mark = ' aria-current="step"' if index == current else ' class="done"' if index < current else ""
        items.append(f"<li{mark}><strong>{escape(name)}</strong>{told}</li>")
    return f'<ol class="steps">{"".join(items)}</ol>'
