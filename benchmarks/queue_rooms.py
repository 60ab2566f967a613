"""The other rooms of a large database: shares, register, rounds, sources, log, figures. Nothing promised."""

from collections.abc import Callable, Iterator
from urllib.parse import urlencode

from sqlalchemy import Engine, func, select

from models.account import Account
from models.audit_entry import AuditEntry
from models.database import session_factory
from models.initiative import Initiative
from models.round import Round
from models.share import Share

#: Name of a page, whether its time is promised, and what makes an address of it.
Page = tuple[str, bool, Callable[[], str]]


class Rooms:
    """What there is to ask for, of all and of one municipality."""

    def __init__(self, engine: Engine, clerk: str) -> None:
        """Look up numbers to ask for.

        Args:
            clerk: e-mail address of an account of the largest municipality.
        """
        with session_factory(engine, writes=False)() as session:
            #: CBS code.
            self.code = session.scalars(select(Account.municipality_code).where(Account.email == clerk)).one()
            own = Initiative.municipality_code == self.code
            #: In the middle of the lists, and one of each of the municipality.
            self.entries = (session.scalar(select(func.max(Initiative.id))) or 0) // 2
            self.shares = (session.scalar(select(func.max(Share.id))) or 0) // 2
            self.entry = session.scalar(select(func.max(Initiative.id)).where(own)) or 0
            of_it = Share.municipality_code == self.code
            self.share = session.scalar(select(func.max(Share.id)).where(of_it)) or 0
            self.noted = (session.scalar(select(func.max(AuditEntry.id))) or 0) // 2
            self.round = session.scalar(select(func.max(Round.id)))

    def of_both(self) -> Iterator[Page]:
        """Pages that staff and municipalities have alike."""
        yield self._page("shares", "/delingen")
        yield self._page("shares, deep", "/delingen", na=self.shares)
        yield self._page("shares that wait", "/delingen", stand="wacht")
        yield self._page("shares that ended", "/delingen", stand="afgesloten")
        yield self._page("one share", f"/delingen/{self.share}")
        yield self._page("register, deep", "/register", na=self.entries)
        yield self._page("register, theme", "/register", thema="groen")
        yield self._page("register, approved", "/register", goedgekeurd="ja")
        yield self._page("register, to be informed", "/register", informeren="ja")
        yield self._page("one entry", f"/register/{self.entry}")
        yield self._page("register of others", "/register/elders")
        yield self._page("register of others, search", "/register/elders", zoek="buurt")
        yield self._page("map", "/register/kaart")
        yield self._page("handed in", "/inbrengen/overzicht")
        yield self._page("report", "/rapport")
        yield self._page("files to take out", "/uitvoer")
        if self.round is not None:
            yield self._page("round, entries to add", f"/rondes/{self.round}/samenstellen/toevoegen")

    def of_staff(self) -> Iterator[Page]:
        """Pages that only staff has."""
        yield self._page("shares of one municipality", "/delingen", gemeente=self.code)
        yield self._page("log", "/logboek")
        yield self._page("log, deep", "/logboek", na=self.noted)
        yield self._page("log of leads", "/logboek", waaraan="lead")
        yield self._page("sources", "/bronnen")
        yield self._page("one source", "/bronnen/bron-00000")
        yield self._page("figures of municipalities", "/cijfers/gemeenten")
        yield self._page("figures, quality", "/cijfers/kwaliteit")

    @staticmethod
    def _page(name: str, path: str, **asked: object) -> Page:
        address = f"{path}?{urlencode(asked)}" if asked else path
        return name, False, lambda: address
