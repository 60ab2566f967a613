"""Reading one answer with the reader of a kind, for tests of readers."""

from typing import Any

from models.source_definition import SourceDefinition
from models.words import SourceKind
from scout.drafts import Page, Reading
from scout.kinds import KINDS


def source_of(kind: str, url: str, *, full_text: bool = True, **options: Any) -> SourceDefinition:
    return SourceDefinition(
        key="bron",
        title="Bron",
        kind=SourceKind(kind),
        url=url,
        every_seconds=3600,
        full_text=full_text,
        options=options,
    )


def read(
    source: SourceDefinition,
    body: bytes | str,
    content_type: str = "",
    *,
    status: int = 200,
    asked: str = "",
    url: str = "",
    headers: dict[str, str] | None = None,
) -> Reading:
    """What the source's reader makes of an answer to its first address, unless another was asked."""
    asked = asked or KINDS[source.kind].first(source, {})[0]
    page = Page(
        asked=asked,
        url=url or asked,
        status=status,
        headers={"content-type": content_type, **(headers or {})},
        body=body if isinstance(body, bytes) else body.encode(),
    )
    reading: Reading = KINDS[source.kind].read(source, page)
    return reading
