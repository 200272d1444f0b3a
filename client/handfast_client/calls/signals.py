"""The signals of received segments, as Audience Manager shows them.

Written by `make openapi` from openapi.json.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from handfast_client.noun import AsyncNoun, AsyncPager, Noun, Pager

if TYPE_CHECKING:
    from handfast_client import models


class Signals(Noun):
    """The signals of received segments, as Audience Manager shows them."""

    def list(self, *, search: str | None = None) -> Pager[models.SignalView, models.SignalList]:
        """List the signals of the segments received, by which one sees that they come in."""
        return self._list("GET", "/sandboxes/{sandbox}/signals", query={"search": search})


class AsyncSignals(AsyncNoun):
    """The signals of received segments, as Audience Manager shows them."""

    def list(self, *, search: str | None = None) -> AsyncPager[models.SignalView, models.SignalList]:
        """List the signals of the segments received, by which one sees that they come in."""
        return self._list("GET", "/sandboxes/{sandbox}/signals", query={"search": search})
