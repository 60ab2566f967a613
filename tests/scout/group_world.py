"""Items with estimates for the tests of grouping, and what came of them."""

import os
from datetime import UTC, datetime, timedelta

from sqlalchemy import select, update

from models.database import session_factory
from models.item import Item
from models.item_text import ItemText
from models.lead import Lead
from models.lead_item import LeadItem
from models.prediction import Prediction
from models.settings import load_settings
from models.source import Source
from models.words import SourceKind
from scout.group.stage import group
from tests.scout.gather_driver import processes

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ARNHEM, RHEDEN = "GM0202", "GM0275"
ORCHARD = (
    "Op het veldje achter de Drie Gasthuizen staan sinds zaterdag dertig fruitbomen. Bewoners van "
    "Klarendal plantten ze zelf, met schoppen van de volkstuin. Stichting Fruitgaard Klarendal zoekt "
    "mensen die snoeien."
)
ORCHARD_LATER = (
    "De eerste peren van de Fruitgaard zijn geplukt! Klarendal kwam met kratten, de volkstuin leende "
    "ladders. Volgende week snoeien we de appels op het veldje achter de Drie Gasthuizen."
)
BUS = (
    "Achttien vrijwilligers rijden de buurtbus van Velp naar de markt. Een ritje kost twee euro; bellen "
    "kan tot een uur van tevoren bij de chauffeurs, zegt de vereniging."
)


INTRO = "Dit gebeurde er deze week.\n"


def round_up(parts):
    """The text of a round-up: an opening line, then heading and text of each part."""
    return INTRO + "".join(f"{heading}\n{text}\n" for heading, text, *_ in parts)


def _group(given, tell):
    """The life of a process that groups, and says how far it is."""
    for name in [name for name in os.environ if name.startswith("SCOUT_")]:
        del os.environ[name]
    group(load_settings(**given), progress=lambda stage, done, total: tell.send(done))


class World:
    """A database with one source."""

    def __init__(self, engine, settings):
        self.sessions, self.settings = session_factory(engine), settings
        with self.sessions() as session:
            session.add(
                Source(
                    key="koerier",
                    title="Koerier",
                    kind=SourceKind.FEED,
                    url="https://k.example",
                    every_seconds=60,
                )
            )
            session.commit()

    def add(self, name, text, *, title="", hours=0, municipality=ARNHEM, score=0.8, flagged=True, **columns):
        """An item published ``hours`` after now, flagged by default; gives its id."""
        with self.sessions() as session:
            item = Item(
                source_key="koerier",
                url_key=f"key-{name}",
                external_key=name,
                url=f"https://k.example/{name}",
                title=title,
                published_at=NOW + timedelta(hours=hours),
                first_seen_at=NOW,
                last_seen_at=NOW,
                entry_hash=name,
                content_hash=f"{name}-1",
                flagged_hash=f"{name}-1",
                **columns,
            )
            session.add(item)
            session.flush()
            session.add(ItemText(item_id=item.id, text=text))
            session.flush()
            self.estimate(item.id, score=score, flagged=flagged, municipality=municipality, session=session)
            session.commit()
            return item.id

    def estimate(self, item_id, *, score, flagged=True, municipality=ARNHEM, session):
        item = session.get(Item, item_id)
        text = session.scalar(select(ItemText.text).where(ItemText.item_id == item_id))
        session.add(
            Prediction(
                item_id=item_id,
                model_version="m",
                content_hash=item.content_hash,
                score=score,
                flagged=flagged,
                theme="voedsel",
                municipality_code=municipality,
                snippet=text[:60] if flagged else "",
                made_at=NOW,
            )
        )

    def group_until_killed(self, after):
        """Group in another process, and kill that when it has handled ``after`` items."""
        told, tell = processes.Pipe(duplex=False)
        run = processes.Process(target=_group, args=(self.settings.model_dump(mode="json"), tell))
        run.start()
        tell.close()
        while told.recv() < after:  # EOFError: it ended by itself
            pass
        run.kill()
        run.join()

    def add_round_up(self, name, *parts, **item):
        """A flagged item with a section for each of ``parts``: heading, text, municipality, score."""
        item_id = self.add(name, round_up(parts), title=item.pop("title", "Kort nieuws"), **item)
        self.tell(item_id, parts)
        return item_id

    def change_round_up(self, item_id, *parts):
        """The round-up gets other sections at its source."""
        self.change(item_id, round_up(parts), score=0.8)
        self.tell(item_id, parts)

    def tell(self, item_id, parts):
        """Give the newest estimate of an item its sections."""
        with self.sessions() as session:
            newest = session.scalars(
                select(Prediction).where(Prediction.item_id == item_id).order_by(Prediction.id.desc())
            ).first()
            start, sections = len(INTRO), []
            for number, (heading, text, municipality, score) in enumerate(parts, start=1):
                body = start + len(heading) + 1
                end = body + len(text) + 1
                sections.append(
                    {
                        "number": number,
                        "start": start,
                        "body": body,
                        "end": end,
                        "score": score,
                        "theme": "voedsel",
                        "theme_score": 0.9,
                        "municipality_code": municipality,
                        "place_key": None,
                        "initiative_name": heading,
                        "organisation_name": "",
                        "snippet": text[:50],
                        "evidence": [{"reason": heading, "start": 0, "end": 5, "weight": 1.0}],
                    }
                )
                start = end
            newest.sections = sections
            session.commit()

    def change(self, item_id, text, *, score, flagged=True):
        """The item gets another text at its source, and a new estimate."""
        with self.sessions() as session:
            item = session.get(Item, item_id)
            item.content_hash = item.flagged_hash = f"{item.content_hash}x"
            session.execute(update(ItemText).where(ItemText.item_id == item_id).values(text=text))
            self.estimate(item_id, score=score, flagged=flagged, session=session)
            session.commit()

    def decide(self, lead_id, status, **columns):
        with self.sessions() as session:
            lead = session.get(Lead, lead_id)
            lead.status = status
            for name, value in columns.items():
                setattr(lead, name, value)
            session.commit()

    def group(self):
        return group(self.settings, now=NOW)

    def leads(self):
        """Addresses of each lead's items, in the order in which the leads were opened."""
        with self.sessions() as session:
            found = {lead_id: set() for lead_id in session.scalars(select(Lead.id).order_by(Lead.id))}
            for lead_id, url in session.execute(
                select(LeadItem.lead_id, Item.external_key).join(Item, Item.id == LeadItem.item_id)
            ):
                found[lead_id].add(url)
            return list(found.values())

    def lead(self, lead_id=1):
        with self.sessions() as session:
            return session.get(Lead, lead_id)
