"""What a TCF or GPP string says of sharing, by the rule that a sandbox sets."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from handfast.governance import gpp, tcf
from handfast.governance.bits import ConsentStringError
from handfast.governance.consent import STRICTEST_FIRST


@dataclass(frozen=True)
class Rules:
    """By which a string is a yes: TCF purposes, none of which means no rule, the vendor's id, and GPP sections."""

    purposes: Collection[int] = ()
    vendor_id: int | None = None
    sections: Collection[str] = ()


@dataclass(frozen=True)
class StringAnswer:
    """A consent answer, and when it was given, where the string tells."""

    share: str
    given_at: datetime | None


def read_tcf(text: str, rules: Rules) -> StringAnswer:
    """What a TC string says. Raises ConsentStringError."""
    found = tcf.read(text)
    return StringAnswer(found.share(rules.purposes, rules.vendor_id), found.updated_at)


def read_gpp(text: str, rules: Rules) -> StringAnswer:
    """What a GPP string says: the strictest answer of the sections that count. Raises ConsentStringError."""
    parts = {name: part for name, part in gpp.sections(text).items() if name in rules.sections}
    if not parts:
        raise ConsentStringError("no_consent_section")
    answers = [
        read_tcf(part, rules) if name == gpp.TCF_EU else StringAnswer(gpp.share(name, part), None)
        for name, part in parts.items()
    ]
    times = [answer.given_at for answer in answers if answer.given_at]
    strictest = min((answer.share for answer in answers), key=STRICTEST_FIRST.index)
    return StringAnswer(strictest, max(times, default=None))
