"""OpenBesluitvorming on loopback: a snapshot in pages, changes with tombstones, papers one by one, 429."""

import json
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from tests.scout.gather_world import PROSE, World
from tests.web import Answer, Asked

NDJSON = {"Content-Type": "application/x-ndjson"}


def line(entity_id: str, name: str, *, seq: int = 1, op: str = "upsert", **payload: Any) -> dict[str, Any]:
    """One record of an export."""
    kind = entity_id.partition(":")[0].capitalize()
    record = {
        "seq": seq,
        "op": op,
        "time": "2026-11-20T12:00:00.000Z",
        "entity_id": entity_id,
        "entity_type": kind,
        "source_key": "soest",
    }
    if op == "upsert":
        original = f"https://soest.example/{entity_id.rpartition(':')[2]}"
        record["payload"] = {"type": kind, "name": name, "original_url": original, **payload}
    return record


def ndjson(*lines: dict[str, Any]) -> str:
    """Records as lines."""
    return "".join(json.dumps(each) + "\n" for each in lines)


class Aggregator:
    """Keeps papers and a log of what changed; ids sort as the snapshot does.

    Args:
        page: records on a page, whatever was asked for.
    """

    def __init__(self, world: World, page: int = 2) -> None:
        self.world, self.page = world, page
        self.names: dict[str, str] = {}
        self.payloads: dict[str, dict[str, Any]] = {}
        self.log: list[dict[str, Any]] = []
        #: Raw lines that stand at the end of every page of the snapshot.
        self.rubbish = ""
        #: Units left before it answers 429; None = no limit.
        self.units: int | None = None
        self.refuses_cursors = False
        world.web.route("/api/export/snapshot", self._limited(self._snapshot))
        world.web.route("/api/export/changes", self._limited(self._changes))

    def put(self, number: int, name: str, text: str = PROSE, **payload: Any) -> str:
        """A document, new or changed; returns its id. With ``sorts`` it is too late for the snapshot."""
        entity_id = f"document:notubiz:gemeente:soest:{number}"
        self.names[entity_id], self.payloads[entity_id] = name, payload
        self.log.append(line(entity_id, name, seq=len(self.log) + 1, **payload))
        paper = {
            "entityId": entity_id,
            "entityType": "Document",
            "title": name,
            "markdownText": f"# {name}\n\nNummer {number}. {text}",
            "sortDate": "2026-11-07 20:00:00",
        }
        answer = Answer(json.dumps(paper), headers={"Content-Type": "application/json"})
        self.world.web.route(self.path(number), self._limited(lambda _: answer))
        return entity_id

    def delete(self, number: int) -> None:
        """Delete a document: a tombstone in the log, 404 at its address."""
        entity_id = f"document:notubiz:gemeente:soest:{number}"
        del self.names[entity_id]
        self.log.append(line(entity_id, "", seq=len(self.log) + 1, op="delete"))
        self.world.web.route(self.path(number), Answer('{"code": "entity_not_found"}', 404))

    def path(self, number: int) -> str:
        """The path at which a document's text is."""
        return f"/api/entities/{quote(f'document:notubiz:gemeente:soest:{number}', safe='')}"

    def _limited(self, route: Any) -> Any:
        def answer(asked: Asked) -> Answer:
            if self.units is not None:
                if self.units <= 0:
                    return Answer('{"code": "rate_limited"}', 429, {"Retry-After": "3"})
                self.units -= 1
            return route(asked)  # type: ignore[no-any-return]

        return answer

    def _snapshot(self, asked: Asked) -> Answer:
        given = _given(asked)
        if given["source"] != "soest":
            return Answer('{"code": "unknown_export_source"}', 400)
        hidden = {each for each, payload in self.payloads.items() if "sorts" in payload}
        ids = [each for each in sorted(set(self.names) - hidden) if each > given.get("cursor", "")]
        shown = ids[: self.page]
        headers = {
            **NDJSON,
            "X-Has-More": str(len(ids) > len(shown)).lower(),
            "X-Next-Cursor": shown[-1] if shown else given.get("cursor", ""),
            "X-Changes-Cursor": f"c{len(self.log)}",
        }
        lines = ndjson(*(line(each, self.names[each], **self.payloads[each]) for each in shown))
        return Answer(lines + self.rubbish, headers=headers)

    def _changes(self, asked: Asked) -> Answer:
        cursor = _given(asked).get("cursor", "c0")
        if self.refuses_cursors:
            return Answer('{"code": "invalid_export_cursor"}', 400)
        start = int(cursor.removeprefix("c"))
        shown = self.log[start : start + self.page]
        end = start + len(shown)
        headers = {**NDJSON, "X-Has-More": str(end < len(self.log)).lower(), "X-Next-Cursor": f"c{end}"}
        return Answer(ndjson(*shown), headers=headers)


def _given(asked: Asked) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(asked.target).query).items()}
