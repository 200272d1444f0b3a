"""The traits that received segments are, as Audience Manager shows them.

Written by `make openapi` from openapi.json.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from handfast_client.noun import AsyncNoun, AsyncPager, Noun, Pager

if TYPE_CHECKING:
    from handfast_client import models


class Traits(Noun):
    """The traits that received segments are, as Audience Manager shows them."""

    def folders(self) -> Pager[models.FolderView, models.FolderList]:
        """List the folders of traits."""
        return self._list("GET", "/sandboxes/{sandbox}/trait-folders")

    def list(self) -> Pager[models.TraitView, models.TraitList]:
        """List the traits that the segments received are."""
        return self._list("GET", "/sandboxes/{sandbox}/traits")


class AsyncTraits(AsyncNoun):
    """The traits that received segments are, as Audience Manager shows them."""

    def folders(self) -> AsyncPager[models.FolderView, models.FolderList]:
        """List the folders of traits."""
        return self._list("GET", "/sandboxes/{sandbox}/trait-folders")

    def list(self) -> AsyncPager[models.TraitView, models.TraitList]:
        """List the traits that the segments received are."""
        return self._list("GET", "/sandboxes/{sandbox}/traits")
