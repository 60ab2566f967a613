"""Who is looking: the one place that says what an account may see and do."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, false, true
from sqlalchemy.orm import InstrumentedAttribute

from models.words import Role

#: Roles of the network's own staff: they see every municipality and decide.
STAFF = frozenset({Role.REVIEWER, Role.PROJECT_LEADER, Role.ADMIN})
#: Roles that say which sources there are, and lead the matching rounds.
KEEPERS = frozenset({Role.PROJECT_LEADER, Role.ADMIN})


@dataclass(frozen=True, kw_only=True)
class Viewer:
    """One signed-in account, as far as it matters for what it may see and do.

    Every query on leads, decisions and the register takes one, so that lists, counts, exports
    and single pages can't differ in what they let through.
    """

    account_id: int
    #: As shown beside decisions.
    name: str
    roles: frozenset[Role]
    #: Counts only for the role of a municipality; None = none was given, so nothing is seen.
    municipality_code: str | None = None
    #: When this session began; None = not a session (a command, a test of the store).
    signed_in_at: datetime | None = None

    @property
    def decides(self) -> bool:
        """May promote, reject and undo."""
        return bool(self.roles & STAFF)

    @property
    def reads(self) -> bool:
        """May see content at all; a privacy officer may not."""
        return self.decides or Role.MUNICIPALITY in self.roles

    @property
    def keeps_sources(self) -> bool:
        """May add, change, pause and remove sources."""
        return bool(self.roles & KEEPERS)

    @property
    def answers(self) -> bool:
        """May say what its municipality makes of what was shared with it."""
        return Role.MUNICIPALITY in self.roles and self.municipality_code is not None

    @property
    def writes_register(self) -> bool:
        """May add entries to the register and correct them: staff all, a municipality its own."""
        return self.decides or self.answers

    @property
    def keeps_channels(self) -> bool:
        """May say how a municipality hears of things: keepers of sources for all, a municipality its own."""
        return self.keeps_sources or self.answers

    @property
    def leads_rounds(self) -> bool:
        """May make matching rounds, pair, and move them on."""
        return bool(self.roles & KEEPERS)

    @property
    def manages(self) -> bool:
        """May invite people, and change and close accounts."""
        return Role.ADMIN in self.roles

    @property
    def audits(self) -> bool:
        """May read the audit log, which holds no content."""
        return bool(self.roles & {Role.PRIVACY_OFFICER, Role.ADMIN})

    def scope(self, column: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
        """Condition on a municipality-code column that keeps to what this viewer may see."""
        if self.decides:
            return true()
        if self.reads and self.municipality_code is not None:
            return column == self.municipality_code
        return false()


#: Whoever runs a command on the machine itself; never decides, for a decision needs a name.
OPERATOR = Viewer(account_id=0, name="", roles=frozenset({Role.ADMIN}))
