"""The pages about sources: all of them with how they are doing, and one with its visits."""

from collections.abc import Callable
from datetime import datetime, timedelta

from flask import Blueprint, Response, abort, g, render_template, request
from flask.blueprints import BlueprintSetupState
from sqlalchemy import select

from models.base import utc_now
from models.errand import Errand
from models.geo import municipalities
from models.opml import write_opml
from models.run import Run
from models.source import Source
from models.source_definition import definition_of_row
from models.source_files import as_toml as source_file
from models.store.added_sources import added_sources
from models.store.errands import errand_of
from models.store.health import source_healths
from models.store.rhythm import day_of
from models.words import ErrandKind, Sign, SourceKind, SourceState
from review import source_list as listed
from review import source_texts as texts
from review.asked import LARGEST
from review.choices import person_name
from review.database import db
from review.kept import Kept
from review.shown import ago, minutes_ago
from review.source_plots import by_day, in_words, sparkline
from review.source_waiting import how_far, still_watched
from review.source_words import say, say_all

blueprint = Blueprint("sources", __name__)

#: Key of a source in an address; what is longer or other is no key.
KEY = "string(maxlength=80):key"
#: Visits that the page of a source shows.
VISITS = 30


@blueprint.record_once
def keep(state: BlueprintSetupState) -> None:
    """Give the application a place where the list is kept."""
    state.app.extensions["scout_sources"] = Kept(listed.SECONDS)
    state.app.extensions["scout_sources_accepted"] = Kept()
    state.app.jinja_env.globals["SOURCE_STATES"] = texts.STATES


@blueprint.get("/bronnen")
def index() -> str:
    """All sources, those that ask for attention first."""
    now = utc_now()
    asked = listed.asked()
    lines = listed.lines_of(db.session, now=now)
    page = listed.page_of(db.session, lines, asked, now=now)
    paused = [one.key for one in page.sources if one.paused is not None]
    return render_template(
        "sources.html",
        asked=asked,
        page=page,
        counts=listed.counts_of(lines),
        total=sum(line.state is not SourceState.REMOVED for line in lines),
        # As plain words: a page looks them up some hundred times.
        kinds={kind: str(words) for kind, words in texts.KINDS.items() if kind is not SourceKind.HANDIN},
        states={state: str(words) for state, words in texts.STATES.items()},
        uncovered=listed.uncovered(db.session, now=now),
        by_person=listed.paused_by_person(db.session, paused) if paused else set(),
        texts=texts,
        sparkline=sparkline,
        in_words=in_words,
        say=say,
        recent=recent,
        now=now,
    )


@blueprint.get(f"/bronnen/<{KEY}>")
def one(key: str) -> str:
    """One source: how it is doing, its last visits, and what is known of it."""
    return show(source_or_404(key))


def show(row: Source, problems: dict[str, str] | None = None, values: dict[str, str] | None = None) -> str:
    """The page of one source, with what is wrong with a form on it."""
    now = utc_now()
    accepted = listed.accepted(db.session, now=now)
    (health,) = source_healths(db.session, now=now, keys=[row.key], accepted=accepted)
    query = select(Run).where(Run.source_key == row.key).order_by(Run.started_at.desc()).limit(VISITS)
    visits = list(db.session.scalars(query))
    definition = definition_of_row(row)
    errand = _visit_asked(row.key)
    return render_template(
        "source.html",
        source=row,
        definition=definition,
        health=health,
        visits=visits,
        errand=errand,
        brought=_brought(visits),
        how_far=how_far,
        watched=errand is not None and still_watched(errand),
        plot=by_day(health.per_day, day_of(now)),
        added_by=person_name(row.added_by_id) if row.added_by_id else None,
        paused_by=person_name(row.paused_by_id) if row.paused_by_id else None,
        on_page=not row.defined_in and row.removed_at is None,
        may_change=g.viewer.keeps_sources and row.removed_at is None,
        outcomes=outcomes,
        signs_of=signs_of,
        texts=texts,
        say=say,
        say_all=say_all,
        problems=problems or {},
        values=values or {},
        now=now,
    )


@blueprint.get("/bronnen.opml")
def as_opml() -> Response:
    """The feeds among the sources, for programs that follow feeds; grouped by municipality."""
    rows = db.session.scalars(
        select(Source).where(Source.removed_at.is_(None), Source.kind == SourceKind.FEED).order_by(Source.key)
    )
    groups = {one.code: one.name for one in municipalities()}
    content, _left_out = write_opml((definition_of_row(row) for row in rows), groups)
    return _file(content, "bronnen.opml", "text/x-opml")


@blueprint.get("/bronnen.toml")
def as_toml() -> Response:
    """What was added on a page, as a source file."""
    return _file(source_file(added_sources(db.session)), "bronnen.toml", "application/toml")


@blueprint.get(f"/bronnen/<{KEY}>/bron.toml")
def one_as_toml(key: str) -> Response:
    """One source, as it stands in a source file."""
    row = source_or_404(key)
    return _file(source_file([definition_of_row(row)]), f"{row.key}.toml", "application/toml")


def source_or_404(key: str) -> Source:
    """The source with this key; what people hand in has no page here."""
    row = db.session.get(Source, key) if key.isascii() and key.isprintable() else None
    if row is None or row.kind is SourceKind.HANDIN:
        abort(404)
    return row


def recent(value: datetime) -> str:
    """How long ago: to the minute within the hour."""
    return minutes_ago(value) if utc_now() - value < timedelta(hours=1) else ago(value)


def outcomes(run: Run) -> list[tuple[str, int]]:
    """What a visit brought: words and number, without what did not occur."""
    return [(str(words), run.outcomes[one]) for one, words in texts.OUTCOMES.items() if run.outcomes.get(one)]


def signs_of(run: Run) -> list[tuple[str, str]]:
    """What was odd about a visit, and what to do."""
    return [
        texts.sign_words(Sign(one["sign"]), str(one.get("detail", "")))
        for one in run.signs
        if one.get("sign") in set(Sign)
    ]


def _visit_asked(key: str) -> Errand | None:
    """The errand in the address, when it is a visit to this source."""
    text = request.args.get("bezoek", "")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 11 else 0
    errand = errand_of(db.session, number) if 0 < number <= LARGEST else None
    if errand is None or errand.kind is not ErrandKind.VISIT or errand.source_key != key:
        return None
    return errand


def _brought(visits: list[Run]) -> Callable[[Errand], Run | None]:
    """The visit that an errand led to: the newest one since it was asked; a function of the errand."""

    def find(errand: Errand) -> Run | None:
        return next((run for run in visits if run.finished_at and run.started_at >= errand.asked_at), None)

    return find


def _file(content: str, name: str, kind: str) -> Response:
    return Response(
        content,
        content_type=f"{kind}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
