"""The one door to every command: a typed request in, a Reply out. No platform is known here."""

from collections.abc import Awaitable, Callable
from datetime import datetime

import structlog

from bot.errors import BotError, StorageError, UserError
from bot.model import Catalog, ChannelKey, utc_now
from handlers import asking, channel_settings, files, noise, privacy, sourcing, steering
from handlers.context import Context, Services
from handlers.options import check_options
from handlers.permissions import require_manage
from handlers.replies import Form, Reply
from handlers.requests import Request
from handlers.specs import SPECS
from handlers.suggesting import suggest
from storage import deliveries
from storage.database import Database
from storage.glances import glances

log = structlog.get_logger()

#: Who answers which command.
_ANSWERS: dict[str, Callable[[Context, Request], Awaitable[Reply]]] = {
    "subscribe": steering.subscribe,
    "unsubscribe": steering.unsubscribe,
    "subscriptions": steering.subscriptions,
    "latest": asking.latest,
    "search": asking.search,
    "status": asking.status,
    "topics": asking.topics,
    "sources": asking.sources_,
    "hot": steering.hot,
    "why": asking.why,
    "story": asking.story,
    "timeline": files.timeline,
    "export": files.export,
    "settings": channel_settings.settings,
    "mute": noise.mute,
    "backtest": noise.backtest,
    "feedback": noise.feedback,
    "digest now": noise.digest_now,
    "test": noise.test,
    "privacy": privacy.privacy,
    "forget": privacy.forget,
    "source add": sourcing.add,
    "source remove": sourcing.remove,
    "correct": steering.correct,
    "benchmarks": asking.benchmarks,
    "licences": asking.licences,
    "help": asking.help_,
}
#: Who makes the form of a command that has one, filled with what is so now.
_FORMS: dict[str, Callable[[Context, Request], Awaitable[Form]]] = {
    "settings": channel_settings.settings_form,
    "subscribe": channel_settings.subscribe_form,
}


class Commands:
    """Answers requests from storage and the catalog. One for the whole program."""

    def __init__(
        self,
        database: Database,
        catalog: Catalog,
        *,
        clock: Callable[[], datetime] = utc_now,
        services: Services | None = None,
    ) -> None:
        self._context = Context(
            database=database, catalog=catalog, clock=clock, services=services or Services()
        )

    async def answer(self, request: Request) -> Reply:
        """The reply to one request. What a person or the world causes becomes a reply; a bug is raised."""
        try:
            return await self.perform(request)
        except StorageError as exc:
            log.warning("command_failed", command=request.command, error=str(exc))
            return Reply(
                title="Tipoff cannot reach its database", text="Please try again in a minute.", tone="error"
            )
        except BotError as exc:
            return Reply(title="That did not work", text=str(exc), tone="error")

    async def perform(self, request: Request) -> Reply:
        """Like ``answer``, but raises ``UserError`` and ``StorageError``."""
        spec = SPECS.get(request.command)
        if spec is None:
            raise UserError(f"There is no command {request.command!r}. There are: {', '.join(SPECS)}.")
        require_manage(command=spec.name, needs_manage=spec.needs_manage, may_manage=request.may_manage)
        check_options(spec, request.options)
        return await _ANSWERS[spec.name](self._context, request)

    async def form(self, request: Request) -> Form:
        """The form of a command, for whoever may use it. Raises ``UserError`` and ``StorageError``."""
        spec, made = SPECS.get(request.command), _FORMS.get(request.command)
        if spec is None or made is None:
            raise UserError(f"{request.command} has no form.")
        require_manage(command=spec.name, needs_manage=spec.needs_manage, may_manage=request.may_manage)
        return await made(self._context, request)

    async def health(self) -> dict[str, int]:
        """Numbers for a monitor. Raises ``StorageError`` when the database does not answer."""
        async with self._context.database.reading() as conn:
            states = await glances(conn)
            waiting = await deliveries.pending(conn)
        failing = sum(1 for state in states if state.failures or state.stopped)
        return {"sources": len(states), "failing": failing, "deliveries_waiting": waiting}

    async def suggest(
        self, kind: str, typed: str, channel: ChannelKey, server: str = ""
    ) -> list[tuple[str, str]]:
        """Up to 25 ``(value, label)`` pairs for an option that is being typed."""
        return await suggest(self._context, kind, typed, channel, server)
