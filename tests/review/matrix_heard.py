"""The route matrix: which parameters of a request the application has asked for."""

from typing import Any, ClassVar

from flask import Request, has_request_context, request
from werkzeug.datastructures import ImmutableMultiDict


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


class HeardRequest(Request):
    """A request with such parameters."""

    parameter_storage_class = Heard
