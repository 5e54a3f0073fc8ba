"""Every command, written once: a typed request in, a Reply out. No platform is known here."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

import structlog

from bot.catalog.loader import parse_duration
from bot.delivery.quiet import parse_quiet_hours
from bot.errors import BotError, StorageError, UserError
from bot.judgement.canonical import canonical_url
from bot.judgement.claims_names import names_in
from bot.judgement.claims_references import references
from bot.judgement.text import fold
from bot.model import ALL_TOPICS, Catalog, ChannelKey, Grade, Mode, StoryId, Topic, utc_now
from handlers import answers
from handlers.benchmarks import MOST_ROWS, benchmarks, licences
from handlers.corrections import correct
from handlers.permissions import require_manage
from handlers.replies import Reply
from handlers.why import MOST_ITEMS, why
from storage import (
    claims,
    corrections,
    deadlines,
    deliveries,
    health,
    history,
    hot,
    items,
    sources,
    stories,
    subscriptions,
)
from storage.database import Connection, Database, judge_lock
from storage.subscriptions import Subscription

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One option of a command. Every option is a text; ``choices`` closes the set."""

    name: str
    description: str
    required: bool = False
    choices: tuple[str, ...] = ()
    autocomplete: Literal["", "topic", "subscribed-topic"] = ""
    words: bool = False  # takes all words that are not named, though it need not be given


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandSpec:
    """What a platform needs to offer a command. ``needs_manage``: it changes the channel."""

    name: str
    description: str
    options: tuple[Option, ...] = ()
    needs_manage: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    command: str
    options: dict[str, str]
    channel: ChannelKey
    user: str
    may_manage: bool
    private: bool = False  # a direct message: nobody else reads it
    locale: str = "en"


_TOPIC = Option(
    name="topic", description="Topic id; 'all' is every topic", required=True, autocomplete="topic"
)
_ANY_TOPIC = Option(name="topic", description="Only this topic", autocomplete="topic")

COMMANDS: tuple[CommandSpec, ...] = (
    CommandSpec(
        name="subscribe",
        description="Tell this channel about a topic",
        needs_manage=True,
        options=(
            _TOPIC,
            Option(
                name="min-grade",
                description="The weakest evidence worth telling",
                choices=tuple(grade.value for grade in reversed(Grade)),
            ),
            Option(
                name="mode", description="At once, or as a digest", choices=tuple(mode.value for mode in Mode)
            ),
            Option(name="lang", description="Only these languages, for example en,zh; or all"),
            Option(
                name="quiet",
                description="Hold alerts at night, for example 22:00-07:00@Europe/Berlin; or off",
            ),
        ),
    ),
    CommandSpec(
        name="unsubscribe",
        description="Stop telling this channel about a topic",
        needs_manage=True,
        options=(
            Option(
                name="topic",
                description="Topic id; 'all' ends every subscription",
                required=True,
                autocomplete="subscribed-topic",
            ),
        ),
    ),
    CommandSpec(name="subscriptions", description="What this channel is told"),
    CommandSpec(
        name="latest",
        description="The newest stories",
        options=(_ANY_TOPIC, Option(name="count", description="How many, 1 to 20 (default 5)")),
    ),
    CommandSpec(
        name="search",
        description="Find stories by words",
        options=(Option(name="text", description="Words to look for", required=True), _ANY_TOPIC),
    ),
    CommandSpec(name="status", description="Is it out yet? Each watch question, and how well we can see"),
    CommandSpec(name="topics", description="What can be watched"),
    CommandSpec(name="sources", description="What is read, and how it is doing", options=(_ANY_TOPIC,)),
    CommandSpec(
        name="hot",
        description="Ask a topic's sources as often as they may be, around an expected event",
        needs_manage=True,
        options=(
            _TOPIC,
            Option(name="time", description="How long, for example 6h or 2d (default 1d); or off"),
        ),
    ),
    CommandSpec(
        name="why",
        description="Who says so, why it was told or not, item by item",
        options=(Option(name="story", description="Story number, or the link of an article", required=True),),
    ),
    CommandSpec(
        name="correct",
        description="Put right a grade, a merge or an answer, and tell everybody who was told",
        needs_manage=True,
        options=(
            Option(name="story", description="Story number"),
            Option(
                name="grade",
                description="The best evidence that the story really has",
                choices=tuple(grade.value for grade in reversed(Grade)),
            ),
            Option(name="merge", description="Number of another story that is the same event"),
            Option(name="split", description="Item (number or link) that is another event; see why"),
            Option(name="question", description="A watch question, with its state"),
            Option(name="state", description="The right answer to the question"),
        ),
    ),
    CommandSpec(
        name="benchmarks",
        description="Figures claimed of chips and models: who says so, how well proved, what contradicts",
        options=(
            Option(name="subject", description="A chip or model, for example Ascend 950PR", words=True),
        ),
    ),
    CommandSpec(
        name="licences",
        description="Changed model licences and export rules: docket, effective date, who says so",
        options=(Option(name="subject", description="A model, a rule's words or its docket", words=True),),
    ),
    CommandSpec(name="help", description="What Tipoff can do"),
)
_SPECS = {spec.name: spec for spec in COMMANDS}


class Commands:
    """Answers requests from storage and the catalog. One for the whole program."""

    def __init__(
        self, database: Database, catalog: Catalog, *, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self._database = database
        self._catalog = catalog
        self._clock = clock
        self._answers: dict[str, Callable[[Request], Awaitable[Reply]]] = {
            "subscribe": self._subscribe,
            "unsubscribe": self._unsubscribe,
            "subscriptions": self._subscriptions,
            "latest": self._latest,
            "search": self._search,
            "status": self._status,
            "topics": self._topics,
            "sources": self._sources,
            "hot": self._hot,
            "why": self._why,
            "correct": self._correct,
            "benchmarks": self._benchmarks,
            "licences": self._licences,
            "help": self._help,
        }

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
        spec = _SPECS.get(request.command)
        if spec is None:
            raise UserError(f"There is no command {request.command!r}. There are: {', '.join(_SPECS)}.")
        require_manage(command=spec.name, needs_manage=spec.needs_manage, may_manage=request.may_manage)
        check_options(spec, request.options)
        return await self._answers[spec.name](request)

    async def health(self) -> dict[str, int]:
        """Numbers for a monitor. Raises ``StorageError`` when the database does not answer."""
        async with self._database.reading() as conn:
            states = await sources.states(conn)
            waiting = await deliveries.pending(conn)
        failing = sum(1 for state in states if state.failures or state.stopped)
        return {"sources": len(states), "failing": failing, "deliveries_waiting": waiting}

    async def suggest(self, kind: str, typed: str, channel: ChannelKey) -> list[tuple[str, str]]:
        """Up to 25 ``(value, label)`` pairs for an option that is being typed."""
        pairs = [(str(topic.id), topic.name) for topic in self._catalog.topics]
        if kind == "subscribed-topic":
            async with self._database.reading() as conn:
                held = {row.topic for row in await subscriptions.of_channel(conn, channel)}
            pairs = [pair for pair in pairs if pair[0] in held]
        pairs.append((str(ALL_TOPICS), "Every topic"))
        wanted = typed.casefold().strip()
        return [pair for pair in pairs if wanted in pair[0].casefold() or wanted in pair[1].casefold()][:25]

    def _topic(self, request: Request) -> Topic | None:
        """The topic that the request names; None when it names none, or every one."""
        wanted = request.options.get("topic", "").strip()
        if not wanted or wanted == ALL_TOPICS:
            return None
        folded = wanted.casefold()
        for topic in self._catalog.topics:
            if folded in (topic.id, topic.name.casefold()):
                return topic
        known = ", ".join([*(topic.id for topic in self._catalog.topics), ALL_TOPICS])
        raise UserError(f"Unknown topic {wanted!r}. Known: {known}.")

    async def _subscribe(self, request: Request) -> Reply:
        topic = self._topic(request)
        wanted = topic.id if topic else ALL_TOPICS
        changes = subscription_options(request.options)
        async with self._database.transaction() as tx:
            held = next(
                (s for s in await subscriptions.of_channel(tx, request.channel) if s.topic == wanted), None
            )
            fresh = Subscription(
                channel=request.channel, topic=wanted, created=self._clock(), created_by=request.user
            )
            # What is not said stays as it is.
            subscription = replace(held or fresh, **changes)
            outcome = await subscriptions.subscribe(tx, subscription)
        return answers.subscribed(subscription, topic, outcome)

    async def _unsubscribe(self, request: Request) -> Reply:
        topic = self._topic(request)
        async with self._database.transaction() as tx:
            removed = await subscriptions.unsubscribe(tx, request.channel, topic.id if topic else None)
        return answers.unsubscribed(removed, topic)

    async def _subscriptions(self, request: Request) -> Reply:
        async with self._database.reading() as conn:
            held = await subscriptions.of_channel(conn, request.channel)
        return answers.subscription_list(held, self._catalog)

    async def _latest(self, request: Request) -> Reply:
        topic = self._topic(request)
        count = parse_count(request.options.get("count", ""))
        async with self._database.reading() as conn:
            found = await stories.latest(conn, topic=topic.id if topic else None, limit=count)
        title = f"Newest: {topic.name}" if topic else "Newest stories"
        return answers.story_list(
            title, found, self._catalog, empty="Nothing yet. Sources are still being read."
        )

    async def _search(self, request: Request) -> Reply:
        topic = self._topic(request)
        text = request.options.get("text", "").strip()
        if not text:
            raise UserError("Say what to look for, for example: search ascend 950.")
        async with self._database.reading() as conn:
            found = await stories.search(conn, text=text, topic=topic.id if topic else None, limit=10)
        return answers.story_list(
            f"Found for “{text}”", found, self._catalog, empty="No story has these words."
        )

    async def _status(self, request: Request) -> Reply:
        async with self._database.reading() as conn:
            given = await stories.watch_answers(conn)
            states = await sources.states(conn)
            now_hot = await hot.hot_topics(conn, now=self._clock())
            due = await deadlines.open_deadlines(conn)
        return answers.status(given, states, self._catalog, hot=now_hot, due=due, now=self._clock())

    async def _topics(self, request: Request) -> Reply:
        async with self._database.reading() as conn:
            counts = await stories.story_counts(conn, since=self._clock() - answers.WEEK)
            held = {row.topic for row in await subscriptions.of_channel(conn, request.channel)}
        return answers.topic_list(self._catalog, counts, held)

    async def _sources(self, request: Request) -> Reply:
        topic = self._topic(request)
        async with self._database.reading() as conn:
            states = await sources.states(conn)
            brought = await health.activity(conn, since=self._clock() - answers.WEEK)
        return answers.source_list(states, brought, topic, now=self._clock())

    async def _hot(self, request: Request) -> Reply:
        topic = self._topic(request)
        if topic is None:
            raise UserError("hot: name one topic; not every one can be urgent.")
        wanted = request.options.get("time", "").strip() or "1d"
        async with self._database.transaction() as tx:
            if wanted == "off":
                return answers.cooled(topic, was_hot=await hot.cool(tx, topic.id))
            until = self._clock() + parse_hot_span(wanted)
            asked = await hot.heat(tx, topic.id, until=until, by=request.user, now=self._clock())
        return answers.heated(topic, until, asked)

    async def _why(self, request: Request) -> Reply:
        wanted = request.options.get("story", "").strip().lstrip("#")
        async with self._database.reading() as conn:
            number = await _story_number(conn, wanted)
            story = await stories.story(conn, number)
            if story is None:
                raise UserError(f"There is no story {number}.")
            shown = await items.items_of_story(conn, number, limit=MOST_ITEMS)
            told = await history.told(conn, number)
            put_right = await corrections.of_story(conn, number)
        return why(story, shown, told, self._catalog, put_right)

    async def _correct(self, request: Request) -> Reply:
        async with self._database.transaction() as tx:
            await judge_lock(tx)
            return await correct(tx, self._catalog, request, now=self._clock())

    async def _benchmarks(self, request: Request) -> Reply:
        subject = subject_named(request.options.get("subject", ""))
        async with self._database.reading() as conn:
            told = await claims.claims_about(conn, subject, limit=MOST_ROWS)
        return benchmarks(subject, told, references())

    async def _licences(self, request: Request) -> Reply:
        subject = " ".join(request.options.get("subject", "").split())[:100]
        async with self._database.reading() as conn:
            told = await claims.licences_about(conn, subject, limit=MOST_ROWS)
        return licences(subject, told)

    async def _help(self, request: Request) -> Reply:
        return answers.help_text(COMMANDS)


async def _story_number(conn: Connection, wanted: str) -> StoryId:
    if wanted.isdecimal() and len(wanted) < 12:
        return await corrections.current_story(conn, StoryId(int(wanted)))
    if not wanted.startswith(("http://", "https://")):
        raise UserError("Give a story's number (it stands in every alert) or the link of an article.")
    item = await items.item_by_url(conn, canonical_url(wanted))
    if item is None:
        raise UserError("No source that Tipoff reads has shown this link.")
    return item.story


def subject_named(text: str) -> str:
    """What a person typed as claims write it: ``昇腾950pr`` and ``950PR`` are ``Ascend 950PR``."""
    typed = " ".join(text.split())[:100]
    names = names_in(fold(typed))
    return names[0].text if len(names) == 1 and names[0].kind != "benchmark" else typed


def check_options(spec: CommandSpec, options: dict[str, str]) -> None:
    """Raise ``UserError`` for an option that is missing, unknown, or outside its choices."""
    known = {option.name: option for option in spec.options}
    for name, value in options.items():
        option = known.get(name)
        if option is None:
            names = ", ".join(known) or "none"
            raise UserError(f"{spec.name} has no option {name!r}. Options: {names}.")
        if option.choices and value and value not in option.choices:
            raise UserError(f"{name}: unknown value {value!r}. Known: {', '.join(option.choices)}.")
    for option in spec.options:
        if option.required and not options.get(option.name, "").strip():
            raise UserError(f"{spec.name} needs {option.name}: {option.description}.")


def subscription_options(options: dict[str, str]) -> dict[str, Any]:
    """The fields of a subscription that the request names. ``lang=all`` and ``quiet=off`` clear them.

    Raises ``UserError``."""
    changes: dict[str, Any] = {}
    if grade := options.get("min-grade"):
        changes["min_grade"] = Grade(grade)
    if mode := options.get("mode"):
        changes["mode"] = Mode(mode)
    if languages := options.get("lang", "").strip():
        changes["languages"] = () if languages == "all" else parse_languages(languages)
    if quiet := options.get("quiet", "").strip():
        if quiet != "off":
            parse_quiet_hours(quiet)
        changes["quiet"] = "" if quiet == "off" else quiet
    return changes


def parse_languages(text: str) -> tuple[str, ...]:
    """``"en,zh"`` as a tuple. Raises ``UserError``."""
    codes = [code.strip().casefold() for code in text.replace(" ", ",").split(",") if code.strip()]
    for code in codes:
        if not (code.isascii() and code.isalpha() and len(code) in (2, 3)):
            raise UserError(f"lang: {code!r} is not a language code. Write for example en,zh.")
    return tuple(dict.fromkeys(codes))


def parse_hot_span(text: str) -> timedelta:
    """``6h`` or ``2d``, an hour to two weeks. Raises ``UserError``."""
    try:
        span = parse_duration(text)
    except ValueError as exc:
        raise UserError(f"time: {exc}, or off.") from None
    if not timedelta(hours=1) <= span <= timedelta(days=14):
        raise UserError("time: from 1h to 14d.")
    return span


def parse_count(text: str) -> int:
    """How many to list, 5 when nothing was said. Raises ``UserError`` outside 1 to 20."""
    if not text.strip():
        return 5
    if not text.strip().isdecimal() or not 1 <= int(text) <= 20:
        raise UserError("count: a number from 1 to 20.")
    return int(text)
