"""What is to be done with each draft of a list, before anything is fetched for it. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from models.addresses import address_key, canonical
from models.store.items import KnownItem, account_key, domain_key, entry_hash, external_key, url_key
from models.words import Outcome
from scout.drafts import ItemDraft
from scout.steps import dates

#: Refusals that a visit remembers, at most; some 80 bytes each.
REMEMBERED_REFUSALS = 20_000


@dataclass(frozen=True, slots=True)
class Candidate:
    """A draft with the keys it is recognised by."""

    draft: ItemDraft
    #: Canonical address; empty if it has none that can be visited.
    url: str
    url_key: str
    external_key: str
    entry_hash: str


def candidate(draft: ItemDraft, secret: bytes) -> Candidate:
    """Work out the keys of a draft."""
    url = canonical(draft.url)
    return Candidate(
        draft=draft,
        url=url,
        url_key=url_key(secret, address_key(url)) if url else "",
        external_key=external_key(secret, draft.source, draft.external_id or url),
        # Not when it was published: some lists give the present moment there, each time anew.
        entry_hash=entry_hash(secret, url, draft.title, draft.text, draft.updated),
    )


class Suppressions:
    """Addresses, domains, accounts and sources' own ids that are kept out for good."""

    def __init__(self, keys: frozenset[str], secret: bytes) -> None:
        self._keys, self._secret = keys, secret
        self._hosts: dict[str, bool] = {}

    def cover(self, url: str, key: str) -> bool:
        """Whether the page at ``url`` (with its ``url_key``) must not be stored."""
        if not self._keys:
            return False
        host = urlsplit(url).hostname or ""
        if host not in self._hosts:
            labels = host.split(".")
            above = (".".join(labels[start:]) for start in range(max(len(labels) - 1, 1)))
            self._hosts[host] = any(domain_key(self._secret, name) in self._keys for name in above)
        return self._hosts[host] or key in self._keys

    def keep_out(self, one: Candidate) -> bool:
        """Whether a draft must not be stored: for its address, its own id, or whoever published it."""
        if not self._keys:
            return False
        account = one.draft.account
        return (
            self.cover(one.url, one.url_key)
            or one.external_key in self._keys
            or (bool(account) and account_key(self._secret, account) in self._keys)
        )


@dataclass(frozen=True)
class Decision:
    """What becomes of one candidate."""

    #: None = its content is still to be worked out.
    outcome: Outcome | None
    #: The stored item that it is, if it is known.
    item_id: int | None = None
    #: The decision is to be remembered, because it cost a request to reach it.
    remember: bool = False


@dataclass
class Known:
    """What is known of the candidates of one source; grows while the visit goes on."""

    source_key: str
    suppressions: Suppressions
    #: ``Source.refused``.
    refused: Mapping[str, Iterable[str]]
    #: Published before this is too old.
    oldest: datetime
    now: datetime
    #: Address keys met in this visit.
    met: set[str] = field(default_factory=set)
    by_url: dict[str, KnownItem] = field(default_factory=dict)
    by_entry: dict[tuple[str, str], KnownItem] = field(default_factory=dict)

    def learn(self, items: Iterable[KnownItem]) -> None:
        """Add stored items."""
        for item in items:
            self.by_url[item.url_key] = item
            if item.source_key == self.source_key:
                self.by_entry[item.external_key, item.entry_hash] = item


def decide(one: Candidate, known: Known) -> Decision:
    """Say what becomes of a candidate as far as the list and the database tell; marks it as met."""
    refusal = _of_address(one, known)
    if refusal is not None:
        return Decision(refusal)
    item = known.by_url.get(one.url_key)
    return _of_unknown(one, known) if item is None else _of_known(one, item, known)


def _of_address(one: Candidate, known: Known) -> Outcome | None:
    if not one.url:
        return Outcome.NO_LINK
    if one.url_key in known.met:
        return Outcome.DUPLICATE
    known.met.add(one.url_key)
    return Outcome.SUPPRESSED if known.suppressions.keep_out(one) else None


def _of_unknown(one: Candidate, known: Known) -> Decision:
    # The link of an item that was stored under the address to which the link redirects.
    item = known.by_entry.get((one.external_key, one.entry_hash))
    if item is not None:
        known.met.add(item.url_key)
        return Decision(Outcome.UNCHANGED, item.id)
    before = list(known.refused.get(one.external_key, ()))
    if before[:1] == [one.entry_hash]:
        return Decision(Outcome(before[1]), remember=True)
    return Decision(Outcome.TOO_OLD if too_old(one.draft, known.oldest, known.now) else None)


def _of_known(one: Candidate, item: KnownItem, known: Known) -> Decision:
    if item.source_key != known.source_key:
        return Decision(Outcome.DUPLICATE)
    if item.purged or item.entry_hash == one.entry_hash:
        return Decision(Outcome.UNCHANGED, item.id)
    return Decision(None, item.id)


def too_old(draft: ItemDraft, oldest: datetime, now: datetime) -> bool:
    """Whether the list itself says that the item is from before ``oldest``."""
    at = dates.parse(draft.published or draft.updated, now=now).at
    return at is not None and at < oldest


def unmet(minimum: int | None, maximum: int | None, drafts: int) -> str | None:
    """In what a visit does not look like a healthy one, in one sentence; None = it does."""
    low, high = minimum or 0, maximum
    if drafts >= low and (high is None or drafts <= high):
        return None
    if high is None:
        expected = f"at least {low}"
    elif low == 0:
        expected = f"at most {high}"
    else:
        expected = f"{low} to {high}"
    return (
        f"gave {drafts} item{'' if drafts == 1 else 's'}, expected {expected}: "
        "look whether the page changed, or correct expect"
    )
