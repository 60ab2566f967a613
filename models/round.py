"""Matching rounds: their initiatives, consultants and municipalities, the joint choice, and the pairings."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, UtcDateTime, Word
from models.words import JobPurpose, PairingKind, RoundState, SelectionMethod


class Round(Base):
    """One matching round."""

    __tablename__ = "round"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    state: Mapped[RoundState] = mapped_column(Word(RoundState), default=RoundState.SEEDING)
    version: Mapped[int] = mapped_column(default=1)
    #: First and last day of the work.
    first_day: Mapped[date | None]
    last_day: Mapped[date | None]
    method: Mapped[SelectionMethod] = mapped_column(Word(SelectionMethod), default=SelectionMethod.POINTS)
    #: Points that each municipality divides; most initiatives that are chosen, None = all with any support.
    points: Mapped[int] = mapped_column(default=10)
    places: Mapped[int | None]
    #: Share of the municipalities that must have chosen, 0 to 1.
    quorum: Mapped[float] = mapped_column(default=0.5)
    #: Also paired automatically, beside the pairing by hand.
    automatic: Mapped[bool] = mapped_column(default=True)
    created_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: The problem as it was frozen (``matching.snapshot``) and its SHA-256; empty = not yet. Some hundreds of
    #: kB in a large round, so it is read only by whoever asks for it.
    snapshot: Mapped[str] = mapped_column(default="", deferred=True)
    snapshot_hash: Mapped[str] = mapped_column(default="")
    frozen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: When the pairing by hand was closed, and which pairing the proposals are made from.
    paired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    chosen: Mapped[PairingKind | None] = mapped_column(Word(PairingKind))
    #: Minutes that were spent on pairing by hand, and when somebody last worked on it.
    minutes: Mapped[float] = mapped_column(default=0.0)
    worked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: Why it was called off, in own words.
    ended_why: Mapped[str] = mapped_column(default="")


class RoundMunicipality(Base):
    """One municipality that chooses along in one round: those that took part when the choosing began."""

    __tablename__ = "round_municipality"

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    municipality_code: Mapped[str] = mapped_column(ForeignKey("municipality.code"), primary_key=True)
    #: Left the network during the round.
    out_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RoundInitiative(Base):
    """One initiative in one round."""

    __tablename__ = "round_initiative"

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    initiative_id: Mapped[int] = mapped_column(ForeignKey("initiative.id"), primary_key=True, index=True)
    #: Half hours of help in this round.
    half_hours: Mapped[int]
    language: Mapped[str] = mapped_column(default="nl")
    #: At the host municipality: whom the consultant meets, and hours it frees; demanded before choosing.
    host_name: Mapped[str] = mapped_column(default="")
    host_email: Mapped[str] = mapped_column(default="")
    host_hours: Mapped[int | None]
    seeded_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    seeded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: Chosen by the municipalities together; None = not decided yet.
    selected: Mapped[bool | None]
    #: Fell out during the round, and why (a word: ``withdrawn``, ``municipality_left`` …).
    out_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    out_why: Mapped[str] = mapped_column(default="")


class RoundConsultant(Base):
    """One consultant in one round."""

    __tablename__ = "round_consultant"

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    consultant_id: Mapped[int] = mapped_column(ForeignKey("consultant.id"), primary_key=True, index=True)
    half_hours: Mapped[int]
    most: Mapped[int]
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    out_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    out_why: Mapped[str] = mapped_column(default="")


class RoundVote(Base):
    """What one municipality gives one initiative in the joint choice."""

    __tablename__ = "round_vote"
    __table_args__ = (UniqueConstraint("round_id", "municipality_code", "initiative_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), index=True)
    municipality_code: Mapped[str] = mapped_column(ForeignKey("municipality.code"))
    initiative_id: Mapped[int] = mapped_column(ForeignKey("initiative.id"))
    #: Points, or 1 for a yes.
    points: Mapped[int]
    #: The municipality says that it has an interest of its own: its points do not count for this one.
    conflict: Mapped[bool] = mapped_column(default=False)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class RoundMark(Base):
    """What a person demands of one pair: that it is, that it is not, or that soft rules do not count."""

    __tablename__ = "round_mark"

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    initiative_id: Mapped[int] = mapped_column(ForeignKey("initiative.id"), primary_key=True)
    consultant_id: Mapped[int] = mapped_column(ForeignKey("consultant.id"), primary_key=True)
    pinned: Mapped[bool] = mapped_column(default=False)
    forbidden: Mapped[bool] = mapped_column(default=False)
    #: Why soft rules are set aside, in own words; empty = they count.
    reason: Mapped[str] = mapped_column(default="")
    by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class RoundPair(Base):
    """One pair of one pairing, by hand or automatic."""

    __tablename__ = "round_pair"
    __table_args__ = (UniqueConstraint("round_id", "kind", "initiative_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), index=True)
    kind: Mapped[PairingKind] = mapped_column(Word(PairingKind))
    initiative_id: Mapped[int] = mapped_column(ForeignKey("initiative.id"))
    consultant_id: Mapped[int] = mapped_column(ForeignKey("consultant.id"))
    #: 0 to 1000 (``matching.problem.FULL``), and the soft rules that it breaks.
    fit: Mapped[int]
    broken: Mapped[list[str]] = mapped_column(JSON)
    #: None = the automatic pairing.
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class RoundJob(Base):
    """One automatic pairing that is being worked out, or was."""

    __tablename__ = "round_job"
    __table_args__ = (
        # Asked every other second: what waits or is worked on, without reading past the problems of the rest.
        Index(
            "ix_round_job_open",
            "asked_at",
            "id",
            sqlite_where=text("done_at IS NULL AND cancelled_at IS NULL"),
            postgresql_where=text("done_at IS NULL AND cancelled_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), index=True)
    purpose: Mapped[JobPurpose] = mapped_column(Word(JobPurpose))
    #: Which problem (``matching.snapshot``): pins and the like change it while the snapshot stays. As large.
    problem: Mapped[str] = mapped_column(deferred=True)
    problem_hash: Mapped[str]
    seconds: Mapped[float]
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: Somebody works on it until then; whoever stops without a word is taken over from.
    taken_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    #: ``{"aim", "value", "bound", "seconds"}`` as ``matching.solve.Progress`` tells; empty = nothing yet.
    progress: Mapped[dict[str, Any]] = mapped_column(JSON)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: ``{"pairs": [[initiative, consultant]], "gaps": […], "stopped": bool}``; empty = none.
    result: Mapped[dict[str, Any]] = mapped_column(JSON)
    #: Why there is no result, in one sentence; empty = there is, or not yet.
    problem_said: Mapped[str] = mapped_column(default="")
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
