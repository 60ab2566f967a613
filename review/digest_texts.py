"""Digests in words: what is told, part by part, in the language of who gets it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flask_babel import format_date, ngettext
from flask_babel import gettext as _

from models.base import ZONE
from models.geo import municipalities
from models.labels import Labels
from models.store.digest_content import EntryLine, MunicipalityNews
from models.store.digest_mails import Claimed
from models.store.digest_staff import MOST, SourceLine, StaffNews
from models.store.shares_list import ShareRow
from models.words import EventKind, Rhythm
from review.share_texts import ANSWERS
from review.source_texts import STATES, sign_words
from review.texts import localised

#: Pages that mails link to; a test holds them against the addresses of the application.
PATHS = {
    "queue": "/",
    "shares": "/delingen",
    "share": "/delingen/{0}",
    "register": "/register",
    "entry": "/register/{0}",
    "sources": "/bronnen",
    "source": "/bronnen/{0}",
    "channels": "/kanalen/e-mail",
    "account": "/account",
    "unsubscribe": "/e-mail/afmelden/{0}/{1}",
    "invitation": "/uitnodiging/{0}",
}
#: Most characters of a title.
TITLE_LIMIT = 150


@dataclass(frozen=True)
class Line:
    """One thing that happened, with the page about it."""

    words: str
    #: Place, theme and the like, separated by dots.
    facts: str
    address: str


@dataclass(frozen=True)
class Part:
    """Some lines under a heading, and where all of them stand."""

    heading: str
    lines: tuple[Line, ...]
    #: Said below them; may be empty.
    more: str = ""
    #: Words and address of a link below them; empty = none.
    link: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class Digest:
    """A whole digest in words."""

    subject: str
    heading: str
    intro: str
    parts: tuple[Part, ...]
    #: Below all parts: numbers.
    counts: str
    #: Why one gets this, and words and address of the links to change and to stop it.
    why: str
    change: tuple[str, str]
    stop: tuple[str, str]


@dataclass(frozen=True)
class Writer:
    """Makes words of news; used within a context with a language (``review.mail_pages``)."""

    #: ``https://scout.example.nl``, without a slash at its end.
    base: str
    labels: Labels

    def address(self, page: str, *parts: object) -> str:
        """Full address of a page of :data:`PATHS`."""
        return self.base + PATHS[page].format(*parts)

    def stop_address(self, mail: Claimed, word: str) -> str:
        """Where the subscription of a mail is ended."""
        return self.address("unsubscribe", mail.subscription_id, word)

    def for_municipality(self, news: MunicipalityNews, name: str, mail: Claimed, word: str) -> Digest:
        """The digest of a municipality."""
        waits = ngettext(
            "%(num)s deling van %(name)s wacht op uw antwoord",
            "%(num)s delingen van %(name)s wachten op uw antwoord",
            news.waiting,
            name=name,
        )
        parts = (
            self._part(
                _("Nieuw: wat vindt u hiervan?"),
                news.new,
                self._share,
                page="shares",
                link=_("Alle delingen"),
            ),
            self._part(
                _("Herinnering: dit wacht nog op uw antwoord"),
                news.reminded,
                self._share,
                page="shares",
                link=_("Alle delingen"),
            ),
            self._part(_("Teruggenomen: hier hoeft u niets meer mee"), news.withdrawn, self._share),
            self._part(
                _("Veranderd in het register"),
                news.entries,
                self._entry,
                page="register",
                link=_("Het hele register"),
            ),
        )
        return Digest(
            subject=waits
            if news.new or news.reminded
            else _("Nieuws van het netwerk voor %(name)s", name=name),
            heading=_("Overzicht voor %(name)s", name=name),
            intro=f"{waits}.",
            parts=tuple(part for part in parts if part.lines),
            counts=ngettext(
                "In het register staat nu %(num)s initiatief van %(name)s.",
                "In het register staan nu %(num)s initiatieven van %(name)s.",
                news.in_register,
                name=name,
            ),
            why=_(
                "U krijgt dit overzicht op maandag als er nieuws is. Dit e-mailadres is daarvoor opgegeven."
            )
            if mail.rhythm is Rhythm.WEEKLY
            else _(
                "U krijgt dit overzicht elke dag als er nieuws is. Dit e-mailadres is daarvoor opgegeven."
            ),
            change=(_("Veranderen"), self.address("channels")),
            stop=(_("Niet meer ontvangen"), self.stop_address(mail, word)),
        )

    def for_staff(self, news: StaffNews, mail: Claimed, word: str) -> Digest:
        """The daily digest of the network's own staff."""
        waits = ngettext(
            "%(num)s signaal wacht op een besluit", "%(num)s signalen wachten op een besluit", news.leads
        )
        oldest = (
            _("Het oudste is van %(day)s.", day=format_date(news.oldest.astimezone(ZONE), "d MMMM"))
            if news.oldest
            else ""
        )
        return Digest(
            subject=_("Dagoverzicht: %(words)s", words=waits),
            heading=_("Dagoverzicht van het netwerk"),
            intro=f"{waits}. {oldest}".strip(),
            parts=tuple(part for part in self._staff_parts(news) if part.lines),
            counts="",
            why=_("U krijgt dit overzicht elke dag. Dat hebt u in uw account gekozen."),
            change=(_("Veranderen"), self.address("account")),
            stop=(_("Niet meer ontvangen"), self.stop_address(mail, word)),
        )

    def _staff_parts(self, news: StaffNews) -> Iterable[Part]:
        all_shares, all_sources = _("Alle delingen"), _("Alle bronnen")
        return (
            self._part(
                _("Gemeenten die nog niet antwoordden, ook na een herinnering"),
                news.overdue,
                self._foreign_share,
                page="shares",
                link=all_shares,
                count=news.overdue_count,
            ),
            self._part(
                _("Gemeenten zeggen: niet van ons"),
                news.not_ours,
                self._foreign_share,
                page="shares",
                link=all_shares,
                count=news.not_ours_count,
            ),
            self._part(
                _("Andere antwoorden van gemeenten"),
                news.answered,
                self._foreign_share,
                page="shares",
                link=all_shares,
                count=news.answered_count,
            ),
            self._part(
                _("Initiatieven die het nog moeten horen"),
                news.to_inform,
                lambda one: self._entry(
                    one.entry, _("uiterlijk %(day)s", day=format_date(one.until, "d MMMM"))
                ),
                page="register",
                link=_("Het hele register"),
                count=news.to_inform_count,
            ),
            self._part(
                _("Bronnen: verhuisd, stil of verdubbeld"),
                news.odd,
                self._source,
                page="sources",
                link=all_sources,
                count=news.odd_count,
            ),
            self._part(
                _("Bronnen: het lukt niet, of ze staan stil"),
                news.unwell,
                self._source,
                page="sources",
                link=all_sources,
                count=news.unwell_count,
            ),
            self._part(
                _("Gemeenten zonder gezonde bron"),
                news.uncovered[:MOST],
                lambda one: Line(_names()[one.code], "", self.address("sources") + f"?gemeente={one.code}"),
                page="sources",
                link=all_sources,
                count=len(news.uncovered),
            ),
        )

    def _part(
        self,
        heading: str,
        found: Iterable[Any],
        line: Callable[[Any], Line],
        *,
        page: str = "",
        link: str = "",
        count: int = 0,
    ) -> Part:
        shown = tuple(found)
        lines = tuple(line(one) for one in shown[:MOST])
        rest = max(count, len(shown)) - len(lines)
        more = ngettext("En nog %(num)s.", "En nog %(num)s.", rest) if rest > 0 else ""
        return Part(heading, lines, more, (link, self.address(page)) if page else ("", ""))

    def _share(self, one: ShareRow) -> Line:
        words = _short(one.title) or _("Deling %(number)s", number=one.id)
        return Line(words, self._facts(one.place, one.theme), self.address("share", one.id))

    def _foreign_share(self, one: ShareRow) -> Line:
        words = _short(one.title) or _("Deling %(number)s", number=one.id)
        answer = str(ANSWERS[one.answer]) if one.answer is not None else ""
        return Line(words, self._facts(one.municipality, one.theme, answer), self.address("share", one.id))

    def _entry(self, one: EntryLine, more: str = "") -> Line:
        what = more or _what(one.what)
        facts = self._facts(one.municipality if more else one.place, one.theme, what)
        return Line(_short(one.name), facts, self.address("entry", one.id))

    def _source(self, one: SourceLine) -> Line:
        told = [sign_words(each.sign, each.detail)[0].rstrip(".") for each in one.signs]
        facts = ". ".join(told) if told else str(STATES[one.state])
        return Line(_short(one.title), facts, self.address("source", one.key))

    def _facts(self, place: str | None, theme: str | None, more: str = "") -> str:
        named = localised(self.labels, "themes").get(theme, theme) if theme else ""
        return " · ".join(one for one in (place, named, more) if one)


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    return {one.code: one.name for one in municipalities()}


def _what(kind: EventKind) -> str:
    words: dict[EventKind, str] = {
        EventKind.INITIATIVE_ENTERED: _("nieuw in het register"),
        EventKind.INITIATIVE_CHANGED: _("veranderd"),
        EventKind.INITIATIVE_WITHDRAWN: _("uit het register gehaald"),
    }
    return words[kind]


def _short(text: str) -> str:
    """On one line, and not too long."""
    line = " ".join(text.split())
    return line if len(line) <= TITLE_LIMIT else line[: TITLE_LIMIT - 1].rstrip() + "…"
