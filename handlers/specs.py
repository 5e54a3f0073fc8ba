"""Every command's name, options and description, once for all platforms."""

from bot.model import Grade, Mode
from handlers.requests import CommandSpec, Option

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
#: What people may say of an alert.
VERDICTS = ("useful", "noise", "wrong-story")
#: Takes back what was said.
NO_VERDICT = "none"
_GRADES = tuple(grade.value for grade in reversed(Grade))
_TOPIC = Option(
    name="topic", description="Topic id; 'all' is every topic", required=True, autocomplete="topic"
)
_ANY_TOPIC = Option(name="topic", description="Only this topic", autocomplete="topic")
_STORY = Option(
    name="story", description="Story number, or the link of an article", required=True, autocomplete="story"
)
_PAGE = Option(name="page", description="Which page", hidden=True)

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
                choices=_GRADES,
            ),
            Option(
                name="mode", description="At once, or as a digest", choices=tuple(mode.value for mode in Mode)
            ),
            Option(name="lang", description="Only these languages, for example en,zh; or all"),
            Option(
                name="quiet",
                description="Hold alerts at night, for example 22:00-07:00@Europe/Berlin; or off",
            ),
            Option(
                name="words", description="Only what has one of these words, for example price,export; or off"
            ),
            Option(name="not-words", description="Nothing that has one of these words; or off"),
            Option(name="not-sources", description="Nothing from these publishers or sites; or off"),
            Option(name="at", description="When the daily or weekly digest is told, for example 08:00"),
            Option(name="day", description="The day of the weekly digest", choices=WEEKDAYS),
            Option(name="zone", description="Time zone, for example Europe/Berlin", autocomplete="zone"),
            Option(name="mention", description="A role or user group to call; or off"),
            Option(
                name="mention-from",
                description="Call it from this evidence on (default official)",
                choices=_GRADES,
            ),
            Option(
                name="whom",
                description="Tell this channel, or me alone (default here)",
                choices=("here", "me"),
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
        options=(_ANY_TOPIC, Option(name="count", description="How many, 1 to 20 (default 5)"), _PAGE),
    ),
    CommandSpec(
        name="search",
        description="Find stories by words",
        options=(Option(name="text", description="Words to look for", required=True), _ANY_TOPIC, _PAGE),
    ),
    CommandSpec(name="status", description="Is it out yet? Each watch question, and how well we can see"),
    CommandSpec(name="topics", description="What can be watched"),
    CommandSpec(name="sources", description="What is read, and how it is doing", options=(_ANY_TOPIC, _PAGE)),
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
        options=(_STORY,),
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
                choices=_GRADES,
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
    CommandSpec(
        name="story",
        description="One story: what is known, who says so, what was told",
        options=(_STORY,),
    ),
    CommandSpec(
        name="timeline",
        description="A picture of how a topic or a story went",
        options=(
            _ANY_TOPIC,
            Option(name="story", description="Story number", autocomplete="story"),
            Option(name="days", description="How many days, 1 to 365 (default 30)"),
        ),
    ),
    CommandSpec(
        name="export",
        description="This channel's alerts as a file",
        options=(
            Option(name="format", description="csv or json", choices=("csv", "json")),
            Option(name="days", description="How many days, 1 to 365 (default 30)"),
        ),
    ),
    CommandSpec(name="privacy", description="What Tipoff keeps about this channel and about you"),
    CommandSpec(
        name="forget",
        description="Delete at once what Tipoff keeps about you, this channel or this server",
        options=(
            Option(
                name="what",
                description="Whose data is deleted",
                required=True,
                choices=("me", "channel", "server"),
            ),
            Option(name="sure", description="Asked a second time", choices=("yes",), hidden=True),
        ),
    ),
    CommandSpec(
        name="settings",
        description="How this channel is told: time zone, language, limits, threads",
        needs_manage=True,
        options=(
            Option(name="zone", description="Time zone, for example Europe/Berlin", autocomplete="zone"),
            Option(name="language", description="Language of messages, for example de"),
            Option(
                name="budget", description="Alerts a day before lesser evidence waits for the digest; or off"
            ),
            Option(
                name="burst", description="Alerts an hour before the rest is folded into one message; or off"
            ),
            Option(name="threads", description="Open a thread for each story", choices=("on", "off")),
            Option(name="publish", description="Publish in announcement channels", choices=("on", "off")),
            Option(name="log", description="Who changed what lately", choices=("show",)),
        ),
    ),
    CommandSpec(
        name="source add",
        description="Read another feed or page for this server; it is tried first",
        needs_manage=True,
        options=(
            Option(name="url", description="Address of the feed, page or account", required=True),
            Option(name="topic", description="Topic it is read for", autocomplete="topic"),
        ),
    ),
    CommandSpec(
        name="source remove",
        description="Stop reading an address that was added here",
        needs_manage=True,
        options=(
            Option(
                name="source", description="Its id or address", required=True, autocomplete="given-source"
            ),
        ),
    ),
    CommandSpec(
        name="mute",
        description="Hear nothing of a story or topic for a time",
        needs_manage=True,
        options=(
            Option(name="story", description="Story number", autocomplete="story"),
            Option(name="topic", description="Topic id", autocomplete="subscribed-topic"),
            Option(name="time", description="How long, for example 6h or 7d (default 7d); or off"),
        ),
    ),
    CommandSpec(
        name="digest now", description="Tell now what waits for this channel's digest", needs_manage=True
    ),
    CommandSpec(name="test", description="Send a sample alert to this channel", needs_manage=True),
    CommandSpec(
        name="backtest",
        description="What such a subscription would have told in the last 30 days",
        options=(
            _TOPIC,
            Option(name="min-grade", description="The weakest evidence worth telling", choices=_GRADES),
            Option(name="lang", description="Only these languages, for example en,zh; or all"),
            Option(name="words", description="Only what has one of these words"),
            Option(name="not-words", description="Nothing that has one of these words"),
            Option(name="not-sources", description="Nothing from these publishers or sites"),
            Option(name="days", description="How many days, 1 to 90 (default 30)"),
            _PAGE,
        ),
    ),
    CommandSpec(
        name="feedback",
        description="What people here said of alerts, and what that changed",
        options=(
            Option(name="alert", description="Number of an alert", hidden=True),
            Option(
                name="verdict", description="What is said of it", choices=(*VERDICTS, NO_VERDICT), hidden=True
            ),
            Option(name="undo", description="Number of a change to take back"),
        ),
    ),
    CommandSpec(
        name="help",
        description="What Tipoff can do",
        options=(
            Option(
                name="command",
                description="One command, with its options",
                words=True,
                autocomplete="command",
            ),
        ),
    ),
)
SPECS = {spec.name: spec for spec in COMMANDS}
