"""A server that answers as a test says and keeps what it was asked: a vendor gone astray, or a host beside it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.standins.server import running

METHODS = ["GET", "POST", "PUT", "DELETE"]


class Host:
    """`asked` are the requests that arrived. `url` is its address, on 127.0.0.1."""

    def __init__(self, answer: Callable[[Request], Response]) -> None:
        self.asked: list[Request] = []
        self.url = ""
        self._answer = answer

    async def receive(self, request: Request) -> Response:
        """Note the request, with its body, and answer it."""
        await request.body()
        self.asked.append(request)
        return self._answer(request)


@contextmanager
def host(answer: Callable[[Request], Response] = lambda _: Response("reached")) -> Iterator[Host]:
    """Serve it for as long as the block lasts."""
    made = Host(answer)
    with running(Starlette(routes=[Route("/{path:path}", made.receive, methods=METHODS)])) as url:
        made.url = url
        yield made
