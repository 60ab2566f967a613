"""Profiles of residents' engagement by neighbourhood, as a municipality gives them, beside its register."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, delete, func, select
from sqlalchemy.orm import Session

from models.base import utc_now
from models.municipality import Municipality
from models.report import EngagementProfile
from models.store.audit import record
from models.store.reports import check_reportable
from models.store.reports_places import Places
from models.store.viewer import Viewer

#: Groups at most, and characters of the name of one.
MOST_GROUPS, GROUP_LIMIT = 20, 60


class ProfilesNotAllowedError(Exception):
    """This account may not change the profiles of this municipality."""


class StaleProfilesError(Exception):
    """Somebody else gave or removed profiles since they were shown."""


@dataclass(frozen=True)
class Profiles:
    """Those of one municipality."""

    uploaded_at: datetime
    #: In the order of the file.
    groups: tuple[str, ...]
    #: CBS code of a neighbourhood -> group -> part of its residents, 0.0 to 1.0.
    shares: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class Reached:
    """One group, and the initiatives where it is the largest."""

    group: str
    #: Part of the residents: the mean over neighbourhoods, all of which weigh the same.
    share: float
    #: Neighbourhoods in which no group is larger.
    largest_in: int
    #: Of these, the ones in which, or in whose district, an entry of the register is.
    with_entries: int
    #: Entries of the register whose place is one of these neighbourhoods or its district; an entry of a
    #: district counts once.
    entries: int


def profiles_of(session: Session, viewer: Viewer, code: str) -> Profiles | None:
    """The profiles of one municipality; None = it gave none.

    Raises:
        UnknownReportError: it does not exist, or is not for this viewer.
    """
    check_reportable(session, viewer, code)
    rows = session.execute(
        select(EngagementProfile.neighbourhood_code, EngagementProfile.shares, EngagementProfile.uploaded_at)
        .where(EngagementProfile.municipality_code == code, viewer.scope(EngagementProfile.municipality_code))
        .order_by(EngagementProfile.neighbourhood_code)
    ).all()
    if not rows:
        return None
    return Profiles(
        uploaded_at=max(row.uploaded_at for row in rows),
        groups=tuple(rows[0].shares),
        shares={row.neighbourhood_code: row.shares for row in rows},
    )


def replace_profiles(
    session: Session,
    code: str,
    shares: Mapping[str, Mapping[str, float]],
    *,
    viewer: Viewer,
    seen: datetime | None,
    now: datetime | None = None,
) -> int:
    """Put these in the place of all that the municipality had; the caller commits. None = take them out.

    Args:
        shares: CBS code of a neighbourhood -> group -> part of its residents; checked by the caller.
        seen: when those were given that were there when this was asked; None = there were none.

    Returns:
        Of how many neighbourhoods there are profiles now.

    Raises:
        UnknownReportError, ProfilesNotAllowedError, StaleProfilesError: nothing was changed.
    """
    now = now or utc_now()
    check_reportable(session, viewer, code)
    if not (viewer.decides or (viewer.answers and code == viewer.municipality_code)):
        raise ProfilesNotAllowedError("this account may not change these profiles")
    # Whoever comes second waits here; the municipality itself is always there to be held.
    session.scalar(select(Municipality.code).where(Municipality.code == code).with_for_update())
    stands = session.scalar(
        select(func.max(EngagementProfile.uploaded_at)).where(EngagementProfile.municipality_code == code)
    )
    if stands != seen:
        raise StaleProfilesError("the profiles have changed since they were shown")
    gone = session.execute(
        delete(EngagementProfile)
        .where(EngagementProfile.municipality_code == code)
        .execution_options(synchronize_session=False)
    )
    session.add_all(
        EngagementProfile(
            neighbourhood_code=neighbourhood,
            municipality_code=code,
            shares=dict(parts),
            uploaded_by_id=viewer.account_id,
            uploaded_at=now,
        )
        for neighbourhood, parts in shares.items()
    )
    session.flush()
    record(
        session,
        viewer.account_id,
        "report",
        "profiles",
        code,
        before={"entries": cast("CursorResult[Any]", gone).rowcount},
        after={"entries": len(shares)},
        at=now,
    )
    return len(shares)


def reached(profiles: Profiles, places: Places) -> list[Reached]:
    """Which groups live where initiatives are; those without any first, then by entries.

    Where several groups are equally large, the neighbourhood counts for each of them.
    """
    district_of = {
        spot.code: district.spot for district in places.districts for spot in district.neighbourhoods
    }
    inside = {spot.code: spot.entries for spot in places.neighbourhoods}
    #: Entries that are in a district, and in none of its neighbourhoods for certain.
    loose = {
        district.spot.code: district.spot.entries - sum(spot.entries for spot in district.neighbourhoods)
        for district in places.districts
    }
    found = []
    for group in profiles.groups:
        largest = [
            code
            for code, parts in profiles.shares.items()
            if parts.get(group, 0.0) >= max(parts.values()) > 0
        ]
        districts = {district_of[code].code for code in largest if code in district_of}
        found.append(
            Reached(
                group,
                _mean([parts.get(group, 0.0) for parts in profiles.shares.values()]),
                len(largest),
                sum(
                    1
                    for code in largest
                    if inside.get(code) or (code in district_of and loose[district_of[code].code])
                ),
                sum(inside.get(code, 0) for code in largest) + sum(loose[code] for code in districts),
            )
        )
    return sorted(found, key=lambda one: (one.entries > 0, one.entries, one.group.casefold()))


def _mean(parts: Sequence[float]) -> float:
    return sum(parts) / len(parts) if parts else 0.0
