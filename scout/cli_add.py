"""``scout sources add URL``: what is behind an address, and adding it as a source."""

import sys
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from models.commands import COULD_NOT_FINISH, CannotFinishError, as_json
from models.settings import Settings
from models.words import SourceKind
from scout.commands import print_json, ready, say

if TYPE_CHECKING:
    from models.source_definition import SourceDefinition
    from scout.discover import Found, Possible

TERMS = ("url", "basis", "purpose", "checked")


@click.command()
@click.argument("url")
@click.option("--pick", type=click.IntRange(min=1), metavar="N", help="Which of the sources found; 1 = best.")
@click.option("--kind", type=click.Choice([kind.value for kind in SourceKind]), help="The best of this kind.")
@click.option("--key", help="Instead of the suggested key.")
@click.option("--title", help="Instead of the suggested title.")
@click.option("--municipality", help="Name or CBS code, instead of the suggested one; - for none.")
@click.option("--every", metavar="DURATION", help="Least time between visits: 1h, 1d.")
@click.option("--terms-url", help="Address of the terms of use that you read.")
@click.option("--terms-basis", help='Legal basis of reading it, e.g. "6(1)(e) AVG".')
@click.option("--terms-purpose", help="What it is read for.")
@click.option("--terms-checked", type=click.DateTime(["%Y-%m-%d"]), help="Day on which you read the terms.")
@click.option("--yes", is_flag=True, help="Add the best without asking.")
@as_json
def add(url: str, pick: int | None, kind: str | None, yes: bool, as_json: bool, **given: Any) -> None:
    """Find the source behind URL, show what a visit would bring, and add it.

    With all four terms it is visited from now on; without them it is added switched off. On a terminal you
    are asked what to add; elsewhere something is added only with --pick, --kind or --yes.
    """
    from scout.discover import discover

    terms = _terms(given)
    with ready() as settings:
        taken, waits = _known(settings)
        if not as_json:
            say(f"looking behind {url} …")
        found = discover(settings, url, taken=taken, waits=waits)
        asking = sys.stdin.isatty() and not (as_json or yes)
        if not as_json:
            _show(found)
        chosen = _chosen(found, pick, kind, yes, asking)
        added = None
        if chosen is not None:
            definition = _definition(chosen, given, terms, asking)
            added = _added(settings, definition)
    if as_json:
        print_json({**found.as_dict(), "added": added})
    elif added is not None:
        _tell(added)
    elif found.found:
        click.echo("nothing was added: add --pick N, or --yes for the first")
    if not found.found:
        if found.refusal and not as_json:
            say(f"nothing to add: {found.refusal.why}")
        sys.exit(COULD_NOT_FINISH)


def _terms(given: dict[str, Any]) -> dict[str, Any] | None:
    """The four terms of the options; None = none was given."""
    terms = {name: given.pop(f"terms_{name}") for name in TERMS}
    missing = [name for name, value in terms.items() if value is None]
    if len(missing) == len(TERMS):
        return None
    if missing:
        names = ", ".join(f"--terms-{name}" for name in missing)
        raise click.UsageError(f"terms of use need all four: {names} is missing")
    return {**terms, "checked": terms["checked"].date()}


def _known(settings: Settings) -> tuple[set[str], list[Any]]:
    from models.database import open_engine, session_factory
    from scout.definitions import load_definitions
    from scout.errands import known_of_sources

    engine = open_engine(settings)
    with session_factory(engine, writes=False)() as session:
        taken, waits = known_of_sources(session)
    engine.dispose()
    return taken | {definition.key for definition in load_definitions(settings)[0]}, waits


def _show(found: "Found") -> None:
    for number, one in enumerate(found.found, start=1):
        options = "".join(f", {name} = {value}" for name, value in one.options.items())
        click.echo(f"{number}. {one.title} ({one.kind.value}{options})")
        click.echo(f"   {one.url}")
        click.echo(f"   {one.why}; a visit brings {one.count} items")
        place = one.municipality or "found in each item"
        click.echo(f"   key {one.key}, municipality: {place}, every {one.every}")
        for item in one.items:
            click.echo(f"     {(item.published or '-')[:10]:<10}  {item.title}")
        for address in one.terms:
            click.echo(f"   terms? {address}")


def _chosen(found: "Found", pick: int | None, kind: str | None, yes: bool, asking: bool) -> "Possible | None":
    possible = [one for one in found.found if kind is None or one.kind.value == kind]
    if found.found and not possible:
        raise CannotFinishError(f"no source of kind {kind} was found there")
    if not possible:
        return None
    if pick is not None:
        if pick > len(possible):
            raise click.UsageError(f"--pick {pick}: only {len(possible)} were found")
        return possible[pick - 1]
    if asking and kind is None:
        number = click.prompt("Add which one (0 = none)", type=click.IntRange(0, len(possible)), default=1)
        return possible[number - 1] if number else None
    return possible[0] if yes or kind is not None else None


def _definition(
    chosen: "Possible", given: dict[str, Any], terms: dict[str, Any] | None, asking: bool
) -> "SourceDefinition":
    """The definition to add.

    Raises:
        click.UsageError: something that was given can't be used.
    """
    from models.source_definition import check_source

    values = {
        "key": given["key"] or chosen.key,
        "title": given["title"] or chosen.title,
        "every": given["every"] or chosen.every,
        "municipality": given["municipality"] or chosen.municipality or "-",
    }
    if asking:
        values = {name: click.prompt(name.capitalize(), default=value) for name, value in values.items()}
        terms = terms or _ask_for_terms(chosen)
    mapping: dict[str, Any] = {**values, "kind": chosen.kind.value, "url": chosen.url, **chosen.options}
    mapping["expect"] = {name: bound for name, bound in chosen.expect.items() if bound is not None}
    if mapping["municipality"] == "-":
        del mapping["municipality"]
    mapping["full_text"] = chosen.full_text
    mapping["enabled"] = terms is not None
    if terms is not None:
        mapping["terms"] = terms
    definition, mistakes = check_source(mapping, file="", name=mapping["key"])
    if definition is None:
        raise click.UsageError("; ".join(f"{mistake.key}: {mistake.message}" for mistake in mistakes))
    return definition


def _ask_for_terms(chosen: "Possible") -> dict[str, Any] | None:
    say("Did you read its terms of use? Without an address it is added switched off.")
    url = click.prompt("Address of the terms", default=next(iter(chosen.terms), ""), show_default=True)
    if not url:
        return None
    return {
        "url": url,
        "basis": click.prompt("Legal basis", default="6(1)(e) AVG"),
        "purpose": click.prompt("Purpose"),
        "checked": date.fromisoformat(click.prompt("Read on", default=date.today().isoformat())),  # noqa: DTZ011
    }


def _added(settings: Settings, definition: "SourceDefinition") -> dict[str, Any]:
    from models.base import utc_now
    from models.database import open_engine, session_factory
    from models.store.added_sources import KeyTakenError, add_source
    from scout.added import follow_files
    from scout.definitions import load_definitions

    engine = open_engine(settings)
    try:
        with session_factory(engine)() as session:
            follow_files(session, *load_definitions(settings), utc_now())
            add_source(session, definition, account_id=None, now=utc_now())
            session.commit()
    except KeyTakenError as error:
        raise click.UsageError(str(error)) from None
    finally:
        engine.dispose()
    return {"key": definition.key, "kind": definition.kind.value, "enabled": definition.enabled}


def _tell(added: dict[str, Any]) -> None:
    if added["enabled"]:
        click.echo(f"{added['key']} is added and will be visited")
    else:
        click.echo(
            f"{added['key']} is added, switched off: its terms of use are not reviewed; "
            "review them on the page Bronnen, or remove it and add it with the four --terms options"
        )
