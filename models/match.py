"""Matches: a consultant for an initiative, from the proposal to what was learned."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, UtcDateTime, Word
from models.words import MatchState, Moment, Party


class Match(Base):
    """One proposed or agreed pairing."""

    __tablename__ = "match"

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), index=True)
    initiative_id: Mapped[int] = mapped_column(ForeignKey("initiative.id"), index=True)
    consultant_id: Mapped[int] = mapped_column(ForeignKey("consultant.id"), index=True)
    state: Mapped[MatchState] = mapped_column(Word(MatchState), default=MatchState.PROPOSED)
    version: Mapped[int] = mapped_column(default=1)
    half_hours: Mapped[int]
    #: Fit and its parts when it was proposed, and the soft rules set aside with their reason.
    fit: Mapped[int]
    reasons: Mapped[dict[str, Any]] = mapped_column(JSON)
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    proposed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: Secret links to the answers of the parties are worked out from this.
    salt: Mapped[str]
    deployed_on: Mapped[date | None]
    #: The closing visit of the consultant to the host municipality, and what was recommended.
    visit_on: Mapped[date | None]
    recommendations: Mapped[str] = mapped_column(default="")
    #: Half hours that were really spent.
    spent: Mapped[int | None]
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_why: Mapped[str] = mapped_column(default="")


class MatchAnswer(Base):
    """What one party said of a proposal. Of two answers of one party the newer one counts."""

    __tablename__ = "match_answer"

    id: Mapped[int] = mapped_column(primary_key=True)
    match_id: Mapped[int] = mapped_column(ForeignKey("match.id"), index=True)
    party: Mapped[Party] = mapped_column(Word(Party))
    agrees: Mapped[bool]
    reason: Mapped[str] = mapped_column(default="")
    #: The account that answered; None = by the secret link.
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class MatchMail(Base):
    """One message about a match that is to be sent, or was. Never two of the same kind to one party."""

    __tablename__ = "match_mail"
    __table_args__ = (UniqueConstraint("match_id", "party", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    match_id: Mapped[int] = mapped_column(ForeignKey("match.id"))
    party: Mapped[Party] = mapped_column(Word(Party))
    #: What it is about: a key of ``review.match_mail.KINDS``.
    kind: Mapped[str]
    due_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    #: Somebody is sending it until then.
    taken_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: Why it is not sent and will not be, in one sentence: no address, refused …; empty = it was, or will be.
    problem: Mapped[str] = mapped_column(default="")
    #: It no longer makes sense: answered meanwhile, or the match has ended.
    dropped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Evaluation(Base):
    """One short form for one party at one moment."""

    __tablename__ = "evaluation"
    __table_args__ = (UniqueConstraint("match_id", "party", "moment"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    match_id: Mapped[int] = mapped_column(ForeignKey("match.id"))
    party: Mapped[Party] = mapped_column(Word(Party))
    moment: Mapped[Moment] = mapped_column(Word(Moment))
    #: First day on which it is asked, and the last on which an answer is in time.
    ask_on: Mapped[date] = mapped_column(index=True)
    due_on: Mapped[date]
    asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reminded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: Name of a question -> number, word or own words.
    answers: Mapped[dict[str, Any]] = mapped_column(JSON)


class Lesson(Base):
    """What others can learn from a match, without names."""

    __tablename__ = "lesson"

    id: Mapped[int] = mapped_column(primary_key=True)
    match_id: Mapped[int | None] = mapped_column(ForeignKey("match.id"), index=True)
    text: Mapped[str]
    #: What it says: ``repeat`` (do this again), ``change`` (do this in another way), or empty.
    about: Mapped[str] = mapped_column(default="")
    theme: Mapped[str | None]
    expertise: Mapped[list[str]] = mapped_column(JSON)
    version: Mapped[int] = mapped_column(default=1)
    #: Somebody read it and took out what says who it was; only then it is shown to others.
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    written_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)
