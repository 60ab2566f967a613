"""One invented medium as it is served: at an address, for a moment."""

from dataclasses import dataclass
from datetime import datetime

from scout.demo.region import Story

#: Stories with the path of each, newest first.
Listed = tuple[tuple[str, Story], ...]


@dataclass(frozen=True, kw_only=True)
class Edition:
    """What the makers of pages and feeds need to know."""

    #: Title of the medium.
    title: str
    #: ``http://127.0.0.1:28471``, without a closing slash.
    base: str
    #: The dates of its stories count back from here.
    moment: datetime
    listed: Listed = ()

    def published(self, story: Story) -> datetime:
        """When the story came out here, aware UTC."""
        return story.published(self.moment)

    def newest(self, listed: Listed | None = None) -> datetime:
        """When the newest of these (or of all its) stories came out."""
        return max(self.published(story) for _, story in listed or self.listed)
