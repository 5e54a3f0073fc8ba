"""What ``tipoff doctor`` finds out: one line a check, with what to do about it."""

from collections.abc import AsyncIterator
from datetime import timedelta

from bot.errors import SourceError, StorageError
from bot.intake.fetch import open_fetcher
from bot.intake.sources.registry import request_for
from bot.model import Catalog, Source, utc_now
from bot.settings import Settings, unknown_settings
from handlers.answers import ago, counted
from handlers.checks import Check
from storage import troubles
from storage.database import open_database, sqlite_path

#: Hosts asked to learn whether there is a network; a handful, each another host.
_NETWORK_TRIES = 5
#: What waits for longer than this is worth a word.
_STUCK_AFTER = timedelta(minutes=10)
_ENDED_WITHIN = timedelta(days=7)
_ENDS = {
    "plain": "went out in plain form",
    "rejected": "were refused even in plain form",
    "expired": "were given up",
}


async def all_checks(settings: Settings, catalog: Catalog) -> AsyncIterator[Check]:
    """Every check, one after another, so that a slow one is seen to be waited for."""
    yield Check(
        name="Settings and catalog",
        state="ok",
        text=f"{counted(len(catalog.topics), 'topic')}, {counted(len(catalog.sources), 'source')}",
    )
    if unknown := unknown_settings():
        yield Check(
            name="Unknown settings",
            state="warning",
            text=f"{', '.join(unknown)}: not read by Tipoff",
            advice="Is it misspelt? .env.example has every setting.",
        )
    yield await _database(settings)
    async for check in _telling(settings):
        yield check
    yield await _network(settings, catalog)
    async for check in _discord(settings):
        yield check
    async for check in _slack(settings):
        yield check


async def _database(settings: Settings) -> Check:
    try:
        async with open_database(settings.database_url) as database, database.transaction():
            return Check(
                name="Database",
                state="ok",
                text=f"{sqlite_path(settings.database_url) or database.dialect}, can be written to",
            )
    except StorageError as exc:
        return Check(name="Database", state="failed", text=str(exc), advice="Check TIPOFF_DATABASE_URL.")


async def _telling(settings: Settings) -> AsyncIterator[Check]:
    """What waits, what was given up, and which channels rest. Silent when there is no database to ask."""
    now = utc_now()
    try:
        async with (
            open_database(settings.database_url, migrate=False) as database,
            database.reading() as conn,
        ):
            stuck = await troubles.stuck(conn, since=now - _STUCK_AFTER)
            ended = await troubles.ended(conn, since=now - _ENDED_WITHIN)
            resting = await troubles.resting(conn)
    except StorageError:
        return
    for waiting in stuck:
        doubt = f", {waiting.uncertain} of them may have been told" if waiting.uncertain else ""
        yield Check(
            name=f"Waiting for {waiting.platform.title()}",
            state="warning",
            text=f"{counted(waiting.number, 'message')} for {counted(waiting.channels, 'channel')}{doubt}, the "
            f"oldest due {ago(waiting.since, now)}. Last answer: {waiting.error or 'none yet'}",
            advice="Nothing is lost: it is told when the channel can be reached, after six hours in one digest. Is "
            "tipoff run up?",
        )
    for each in ended:
        yield Check(
            name="Told" if each.how == "plain" else "Not told",
            state="warning",
            text=f"{counted(each.number, 'message')} {_ENDS[each.how]} within seven days, the last for "
            f"{each.channel}: {each.reason}",
        )
    for channel in resting:
        yield Check(
            name=f"Channel {channel.channel}",
            state="warning",
            text=f"gone {ago(channel.since, now)}, its subscriptions rest: {channel.reason}",
            advice=f"Mend that, then subscribe again there, or: tipoff subscribe {channel.channel} TOPIC",
        )
    if not (stuck or ended or resting):
        yield Check(name="Telling", state="ok", text="nothing waits, nothing was given up")


async def _network(settings: Settings, catalog: Catalog) -> Check:
    tried: dict[str, Source] = {}
    for source in catalog.sources:
        tried.setdefault(source.url.split("/")[2], source)
        if len(tried) == _NETWORK_TRIES:
            break
    reached, problems = 0, []
    async with open_fetcher(
        contact=settings.contact, allow_private=settings.allow_private_addresses, total_timeout_s=10
    ) as fetcher:
        for source in tried.values():
            url, accept = request_for(source)
            try:
                await fetcher.fetch(url, accept=accept)
                reached += 1
            except SourceError as exc:
                if exc.status is not None:
                    reached += 1  # it answered, so there is a network
                problems.append(f"{source.id}: {exc}")
    text = f"{reached} of {counted(len(tried), 'host')} answered"
    if reached == 0 and tried:
        return Check(
            name="Network",
            state="failed",
            text=f"{text}. {problems[0]}",
            advice="Check the connection, the firewall and name resolution; tipoff demo needs no network.",
        )
    return Check(name="Network", state="ok", text=text)


async def _discord(settings: Settings) -> AsyncIterator[Check]:
    if settings.discord_token is None:
        yield Check(
            name="Discord", state="off", text="DISCORD_TOKEN is not set", advice="See docs/discord.md."
        )
        return
    from handlers.discord.checks import check_discord

    for check in await check_discord(settings.discord_token.get_secret_value(), settings.discord_api_url):
        yield check


async def _slack(settings: Settings) -> AsyncIterator[Check]:
    app_token = settings.slack_app_token
    if settings.slack_client_id is not None:
        from handlers.slack.checks import check_slack_installs

        for check in await check_slack_installs(
            settings.database_url,
            settings.secret_key.get_secret_value() if settings.secret_key else "",
            app_token.get_secret_value() if app_token else None,
            settings.slack_api_url,
        ):
            yield check
        return
    if settings.slack_bot_token is None:
        yield Check(name="Slack", state="off", text="SLACK_BOT_TOKEN is not set", advice="See docs/slack.md.")
        return
    from handlers.slack.checks import check_slack

    for check in await check_slack(
        settings.slack_bot_token.get_secret_value(),
        app_token.get_secret_value() if app_token else None,
        settings.slack_api_url,
    ):
        yield check
