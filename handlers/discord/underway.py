"""Tasks that discord.py begins for events and commands, and then forgets. They use the database and the session, so
they must have ended before those are closed."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

_GRACE_S = 2.0

P = ParamSpec("P")
T = TypeVar("T")


class UnderWay:
    """The tasks of one client."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()
        self._ended = False

    @contextmanager
    def counted(self) -> Iterator[None]:
        """The current task is one of them while it is in here. After the end none begins."""
        task = asyncio.current_task()
        assert task is not None
        if self._ended:
            raise asyncio.CancelledError
        self._tasks.add(task)
        try:
            yield
        finally:
            self._tasks.discard(task)

    async def end(self) -> None:
        """Let them end for a moment, then cancel them."""
        self._ended = True
        tasks = self._tasks - {asyncio.current_task()}
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=_GRACE_S)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)


class _Owner(Protocol):
    under_way: UnderWay


S = TypeVar("S", bound=_Owner)


def counted(
    method: Callable[Concatenate[S, P], Coroutine[Any, Any, T]],
) -> Callable[Concatenate[S, P], Coroutine[Any, Any, T]]:
    """A method whose calls are under way until they return."""

    async def call(self: S, /, *args: P.args, **kwargs: P.kwargs) -> T:
        with self.under_way.counted():
            return await method(self, *args, **kwargs)

    # discord.py names its tasks by it, and tells listeners by their names.
    call.__name__, call.__doc__ = method.__name__, method.__doc__
    return call
