"""Regular expressions for engines without lookahead."""

from collections.abc import Sequence


def unlike(starts: Sequence[str], alphabet: str, length: int) -> str:
    """A pattern of all texts of `length` characters of the alphabet, in any case, that begin with none of `starts`."""
    following = {start[0] for start in starts}
    others = "".join(char + char.upper() * (char != char.upper()) for char in alphabet if char not in following)
    branches = [f"[{others}][{_both(alphabet)}]{{{length - 1}}}"] if others else []
    for first in sorted(following):
        rest = [start[1:] for start in starts if start[0] == first]
        if all(rest):
            branches.append(f"[{_both(first)}]{unlike(rest, alphabet, length - 1)}")
    return f"(?:{'|'.join(branches)})"


def _both(chars: str) -> str:
    return "".join(dict.fromkeys(chars + chars.upper()))
