"""What a look behind an address comes to: possible sources, best first, or why there are none."""

from dataclasses import asdict, dataclass, field
from typing import Any

from models.words import SourceKind


@dataclass(frozen=True, kw_only=True)
class Guess:
    """A possible source, before anybody looked what a visit to it would bring."""

    kind: SourceKind
    url: str
    #: Empty = that of the site.
    title: str = ""
    #: How it was found, one sentence without a full stop.
    why: str
    options: dict[str, Any] = field(default_factory=dict)
    full_text: bool = True
    #: CBS code; None = not known yet.
    municipality: str | None = None
    #: Pages that look like terms of use; empty = those of the site.
    terms: tuple[str, ...] = ()

    @property
    def identity(self) -> tuple[Any, ...]:
        """What makes two guesses the same source."""
        return self.kind, self.url, tuple(sorted(self.options.items()))


@dataclass(frozen=True)
class Sample:
    """One item that a visit would bring."""

    title: str
    url: str
    #: ISO 8601, UTC; None = the source does not say.
    published: str | None


@dataclass(frozen=True, kw_only=True)
class Possible:
    """A possible source with what a visit would bring."""

    kind: SourceKind
    url: str
    title: str
    options: dict[str, Any]
    full_text: bool
    #: Suggested, and used by no other source.
    key: str
    #: CBS code; None = nothing names one clearly.
    municipality: str | None
    #: Suggested, as ``every`` of a source file.
    every: str
    #: ``{"min": …, "max": …}``; None = no bound is suggested.
    expect: dict[str, int | None]
    #: Drafts that a visit gives.
    count: int
    #: The first ten of them.
    items: tuple[Sample, ...]
    why: str
    #: Addresses of pages that look like terms of use.
    terms: tuple[str, ...]


@dataclass(frozen=True)
class Refusal:
    """Why an address can't be a source."""

    #: ``blocked``, ``person``, ``robots``, ``private``, ``nothing``, ``unreachable`` or ``not_public``.
    code: str
    host: str
    #: One sentence without a full stop; names no account.
    why: str


class RefusedError(Exception):
    """An address can't be a source."""

    def __init__(self, code: str, host: str, why: str) -> None:
        super().__init__(why)
        self.refusal = Refusal(code, host, why)


@dataclass(frozen=True)
class Found:
    """What a look came to."""

    #: The address that was looked behind; only its server where it names an account that is refused.
    address: str
    found: tuple[Possible, ...] = ()
    refusal: Refusal | None = None

    def as_dict(self) -> dict[str, Any]:
        """For JSON, as ``Errand.result`` holds it."""
        result: dict[str, Any] = asdict(self)
        result["found"] = [{**one, "kind": str(one["kind"].value)} for one in result["found"]]
        return result
