"""What one visit came to: summed up from its findings when it is over. Pure."""

from collections import Counter
from dataclasses import dataclass, field

from models.source_definition import SourceDefinition
from models.words import Outcome
from scout.crawl import plan, signs
from scout.crawl.findings import Findings

#: So many articles, and not one to be had: that is no dead link but a broken source.
ALL_LOST = 3


@dataclass(frozen=True)
class VisitReport:
    """What one visit came to."""

    key: str
    failed: bool
    problems: tuple[str, ...]
    warnings: tuple[str, ...]
    outcomes: Counter[Outcome] = field(default_factory=Counter)


def sum_up(
    definition: SourceDefinition, findings: Findings, *, worked_on: int, looked: bool, paged: bool
) -> VisitReport:
    """Say how a visit went; adds to the findings what shows only now.

    Args:
        worked_on: drafts that were worked on.
        looked: its list was read as a whole, and was not the same as last time.
        paged: it was followed beyond its first page.
    """
    lost, stood_in, drafts = findings.lost, findings.stood_in, findings.outcomes.total()
    if len(lost) >= ALL_LOST and findings.outcomes[Outcome.ERROR] == worked_on:
        findings.fail(f"none of its {len(lost)} new articles could be had; the first: {lost[0]}")
    elif lost:
        findings.warn(f"{len(lost)} of its articles could not be had; the first: {lost[0]}")
    if stood_in:
        findings.warn(f"for {len(stood_in)} items the list's own text stands; the first: {stood_in[0]}")
    problems = [findings.problem] if findings.problem else []
    if not problems and looked:
        # What stands on older pages comes on top of what a visit gives in the usual run of things.
        least, most = definition.expect_min, None if paged else definition.expect_max
        unmet = plan.unmet(least, most, drafts)
        if unmet:
            problems.append(unmet)
            findings.warn(unmet)
            findings.signs.append(signs.bounds(least, most, drafts))
        same = signs.same_as_another(findings.others, drafts)
        if same is not None:
            findings.signs.append(same)
    return VisitReport(
        key=definition.key,
        failed=findings.problem is not None,
        problems=tuple(problems),
        warnings=tuple(warning for warning in findings.warnings if warning not in problems),
        outcomes=findings.outcomes,
    )
