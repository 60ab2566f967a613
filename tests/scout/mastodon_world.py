"""A Mastodon server on loopback that remembers what is posted, changed and deleted (mastodon-mock)."""

import json
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self
from urllib.error import HTTPError
from urllib.parse import quote, urlsplit
from urllib.request import Request as Call
from urllib.request import urlopen

import uvicorn
from fastapi import Request, Response
from fastapi.responses import JSONResponse
from mastodon_mock.app import create_app, dispose_app_resources
from mastodon_mock.config import DatabaseConfig, MastodonMockConfig, SeedAccount, SeedConfig
from mastodon_mock.db.models import Account, Status
from sqlalchemy import select


class Mastodon:
    """Serves until the ``with`` block ends; accounts are made by :meth:`account`.

    Args:
        accounts: user names; each chose to be found, unless :meth:`profile` says otherwise.
    """

    def __init__(self, *accounts: str) -> None:
        seeds = [
            SeedAccount(username=name, display_name=name, access_token=f"token-{name}") for name in accounts
        ]
        config = MastodonMockConfig(
            database=DatabaseConfig(path=":memory:"), seed=SeedConfig(accounts=seeds, statuses=[])
        )
        self.app = create_app(config)
        #: Path and query of every request of a visitor, in order.
        self.asked: list[str] = []
        #: Path -> what its answer is to become, and headers for it; of answers to visitors that are fine.
        self.instead: dict[str, Callable[[Any], Any]] = {}
        self.headers: dict[str, dict[str, str]] = {}
        #: Called with path and query of each request of a visitor, before it is answered.
        self.before: Callable[[str], None] = lambda target: None
        self._accounts = accounts
        self.app.middleware("http")(self._answer)
        self._server = uvicorn.Server(uvicorn.Config(self.app, host="127.0.0.1", port=0, log_level="error"))
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    async def _answer(self, request: Request, go_on: Callable[[Request], Awaitable[Response]]) -> Response:
        visitor = "authorization" not in request.headers and "/_mock/" not in request.url.path
        if visitor:
            self.asked.append(request.url.path + (f"?{request.url.query}" if request.url.query else ""))
            self.before(self.asked[-1])
        response = await go_on(request)
        change = self.instead.get(request.url.path)
        if visitor and change is not None and response.status_code == 200:
            body = b"".join([part async for part in response.body_iterator])  # type: ignore[attr-defined]
            link = {"link": response.headers["link"]} if "link" in response.headers else {}
            response = JSONResponse(change(json.loads(body)), headers=link)
        if visitor:
            response.headers.update(self.headers.get(request.url.path, {}))
        return response

    def __enter__(self) -> Self:
        self._thread.start()
        until = time.monotonic() + 20
        while not self._server.started:
            assert self._thread.is_alive(), "the server ended"
            assert time.monotonic() < until, "the server does not start"
            time.sleep(0.01)
        self.port = self._server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        for name in self._accounts:
            self.profile(name, discoverable=True, indexable=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join(10)
        dispose_app_resources(self.app)

    # -- what people do ------------------------------------------------------------------------

    def post(self, name: str, text: str, **more: Any) -> str:
        """Publish; returns the id."""
        return str(
            self._call("POST", "/api/v1/statuses", name, {"status": text, "language": "nl", **more})["id"]
        )

    def edit(self, name: str, identity: str, text: str) -> None:
        """Change a post."""
        self._call("PUT", f"/api/v1/statuses/{identity}", name, {"status": text})

    def delete(self, name: str, identity: str) -> None:
        """Delete a post."""
        self._call("DELETE", f"/api/v1/statuses/{identity}", name)

    def profile(self, name: str, **columns: Any) -> None:
        """Set columns of an account, also those that no form offers."""
        with self.app.state.session_factory() as session:
            account = session.scalar(select(Account).where(Account.username == name))
            for column, value in columns.items():
                setattr(account, column, value)
            session.commit()

    def backdate(self, identity: str, days: float) -> None:
        """Let a post be from so many days ago."""
        with self.app.state.session_factory() as session:
            session.get(Status, int(identity)).created_at = datetime.now(UTC) - timedelta(days=days)
            session.commit()

    def write(self, identity: str, content: str) -> None:
        """Set the HTML of a post."""
        with self.app.state.session_factory() as session:
            session.get(Status, int(identity)).content = content
            session.commit()

    # -- what goes wrong ----------------------------------------------------------------------

    @contextmanager
    def fault(self, path: str, status: int, *, count: int | None = None, **headers: str) -> Iterator[None]:
        """Answer requests for this path (``*`` = anything) with a status, all of them or only so many."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        effect = {"type": "status", "status": status, "headers": named}
        rule = self._call(
            "POST", "/api/v1/_mock/faults", "", {"match": {"path": path}, "effect": effect, "count": count}
        )
        try:
            yield
        finally:
            with suppress(HTTPError):  # it was used up
                self._call("DELETE", f"/api/v1/_mock/faults/{quote(str(rule['id']))}", "")

    def _call(self, method: str, path: str, name: str, given: Any = None) -> Any:
        headers = {"Content-Type": "application/json"}
        if name:
            headers["Authorization"] = f"Bearer token-{name}"
        body = None if given is None else json.dumps(given).encode()
        with urlopen(Call(self.url + path, body, headers, method=method), timeout=10) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    # -- what was asked ------------------------------------------------------------------------

    def paths(self) -> list[str]:
        """The paths asked for, without robots.txt; begins anew."""
        paths = [urlsplit(target).path for target in self.asked]
        self.asked.clear()
        return [path for path in paths if path != "/robots.txt"]
