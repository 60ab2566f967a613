"""The route matrix: which parameters of a request the application has asked for."""

from typing import Any, ClassVar

from flask import Request, has_request_context, request
from werkzeug.datastructures import EnvironHeaders, ImmutableMultiDict


class Heard(ImmutableMultiDict[str, str]):
    """Parameters of a request, which remember what was asked of them."""

    names: ClassVar[set[tuple[str, str, str]]] = set()

    def _hear(self, key: object) -> None:
        if has_request_context() and isinstance(key, str):
            self.names.add((request.method, request.endpoint or "", key))

    def get(self, key: Any, *args: Any, **kwargs: Any) -> Any:
        self._hear(key)
        return super().get(key, *args, **kwargs)

    def getlist(self, key: Any, *args: Any, **kwargs: Any) -> Any:
        self._hear(key)
        return super().getlist(key, *args, **kwargs)

    def __contains__(self, key: object) -> bool:
        self._hear(key)
        return super().__contains__(key)

    def __getitem__(self, key: Any) -> Any:
        self._hear(key)
        return super().__getitem__(key)


class HeardHeaders(EnvironHeaders):
    """Headers of a request, which remember where it was asked whether a script wants a fragment."""

    #: Method and endpoint.
    fragments: ClassVar[set[tuple[str, str]]] = set()

    def _get_key(self, key: str) -> str:
        # All ways of asking for a header end here.
        if has_request_context() and key.lower().startswith("hx-"):
            self.fragments.add((request.method, request.endpoint or ""))
        return super()._get_key(key)


class HeardRequest(Request):
    """A request with such parameters and headers."""

    parameter_storage_class = Heard

    def __init__(self, environ: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(environ, *args, **kwargs)
        self.headers = HeardHeaders(environ)
