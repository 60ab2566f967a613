"""One small network as tests of rounds find it: three municipalities, six initiatives, five consultants."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy.orm import Session

from models.consultant import Consultant
from models.initiative import Initiative
from models.municipality import Municipality
from models.store.viewer import Viewer
from models.words import Role
from tests.review.factories import ARNHEM, RHEDEN, make_account, viewer_of

EDE = "GM0228"
#: Takes no part in the network.
OUTSIDE = "GM0268"
NAMES = {ARNHEM: "Arnhem", RHEDEN: "Rheden", EDE: "Ede"}
#: A Monday morning.
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
FIRST_DAY, LAST_DAY = date(2027, 1, 4), date(2027, 3, 26)
#: Name, municipality, theme, expertise wanted, half hours.
INITIATIVES = (
    ("Voedselbos Presikhaaf", ARNHEM, "groen", ["subsidies"], 16),
    ("Buurtkeuken Klarendal", ARNHEM, "zorg", ["juridisch"], 12),
    ("Dorpstuin Dieren", RHEDEN, "groen", ["groenbeheer"], 10),
    ("Zonnedak Velp", RHEDEN, "energie", ["juridisch", "begroting"], 20),
    ("Speelplek Veldhuizen", EDE, "jeugd", ["groenbeheer"], 8),
    ("Repaircafé Ede", EDE, "circulair", ["communicatie"], 6),
)
#: Name, municipality, expertise, theme -> assignments before, half hours, most.
CONSULTANTS: tuple[tuple[str, str, list[str], dict[str, int], int, int], ...] = (
    ("Noor Jurist", ARNHEM, ["juridisch", "begroting"], {"energie": 1}, 40, 2),
    ("Bas Ruimte", ARNHEM, ["groenbeheer"], {"jeugd": 2}, 20, 2),
    ("Saar Subsidie", RHEDEN, ["subsidies", "juridisch"], {"groen": 3}, 30, 2),
    ("Teun Taal", RHEDEN, ["communicatie"], {}, 10, 1),
    ("Els Groen", EDE, ["groenbeheer", "subsidies"], {"groen": 1}, 24, 2),
)
#: Which consultant (by its place in the list) each initiative has in a pairing that breaks no rule.
PAIRS = ((0, 2), (1, 2), (2, 1), (3, 0), (4, 1), (5, 3))


@dataclass(frozen=True)
class World:
    """What was put into the database; rows belong to the session that it was made with."""

    leader: Viewer
    reviewer: Viewer
    #: Code -> the officer of that municipality; one of a municipality that takes no part among them.
    officers: dict[str, Viewer]
    watcher: Viewer
    initiatives: list[Initiative]
    consultants: list[Consultant]

    @property
    def arnhem(self) -> Viewer:
        """The officer of Arnhem."""
        return self.officers[ARNHEM]

    @property
    def rheden(self) -> Viewer:
        """The officer of Rheden."""
        return self.officers[RHEDEN]

    @property
    def ede(self) -> Viewer:
        """The officer of Ede."""
        return self.officers[EDE]


def world(session: Session) -> World:
    """Fill the database; everything is flushed, not committed.

    Accounts: ``lea@rondes.example`` (project leader), ``rob@rondes.example`` (reviewer), ``arnhem@``,
    ``rheden@``, ``ede@`` and ``nijmegen@rondes.example`` (officers), ``fg@rondes.example`` (privacy officer);
    the password is that of ``tests.review.factories.make_account``.
    """
    leader = make_account(session, "lea@rondes.example", name="Lea", roles=[Role.PROJECT_LEADER])
    reviewer = make_account(session, "rob@rondes.example", name="Rob")
    watcher = make_account(session, "fg@rondes.example", name="Fien", roles=[Role.PRIVACY_OFFICER])
    officers = {}
    for code, name in {**NAMES, OUTSIDE: "Nijmegen"}.items():
        account = make_account(
            session,
            f"{name.lower()}@rondes.example",
            name=f"Ambtenaar {name}",
            roles=[Role.MUNICIPALITY],
            municipality=name,
        )
        officers[code] = viewer_of(account)
        town = session.get_one(Municipality, code)
        town.participates_from = date(2026, 1, 1) if code in NAMES else None
        town.participates_until = None
    at = NOW - timedelta(days=30)
    initiatives = [
        Initiative(
            name=name,
            summary=f"{name}: bewoners van {NAMES[code]} doen het zelf.",
            municipality_code=code,
            theme=theme,
            question=f"Wie helpt ons bij {name}?",
            contact=f"Stichting {name}",
            expertise=expertise,
            hours=half_hours // 2,
            created_by_id=leader.id,
            created_at=at,
            updated_at=at,
            approved_at=at,
        )
        for name, code, theme, expertise, half_hours in INITIATIVES
    ]
    consultants = [
        Consultant(
            municipality_code=code,
            name=name,
            email=f"{name.split()[0].lower()}@{NAMES[code].lower()}.example",
            function="Adviseur",
            expertise=expertise,
            themes=themes,
            languages=["nl"],
            half_hours=half_hours,
            period_from=date(2026, 12, 1),
            period_until=date(2027, 6, 30),
            most=most,
            employer_name=f"Teamleider {NAMES[code]}",
            employer_email=f"leiding@{NAMES[code].lower()}.example",
            added_by_id=leader.id,
            added_at=at,
            updated_at=at,
        )
        for name, code, expertise, themes, half_hours, most in CONSULTANTS
    ]
    session.add_all([*initiatives, *consultants])
    session.flush()
    return World(
        viewer_of(leader), viewer_of(reviewer), officers, viewer_of(watcher), initiatives, consultants
    )
