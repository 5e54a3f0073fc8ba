"""What the acts of headlines have to do with one another: which undo, follow or befall. Tables only, no decisions.

Acts are concepts of [act] in ``stories_lexicon.toml``. What stands here was chosen by its meaning, and kept where the
labelled sets agree.
"""

RELEASE, DELAY, EVALUATE, PREANNOUNCE, DENY = "c:release", "c:delay", "c:evaluate", "c:preannounce", "c:deny"
RESPOND = "c:respond"

#: Pairs of acts of which one undoes the other: a story that tells one of them is not what tells only the other.
_UNDOES = (
    (RELEASE, DELAY), (RELEASE, "c:withdraw"), ("c:ship", DELAY), ("c:ship", "c:withdraw"), ("c:approve", "c:block"),
    ("c:approve", "c:withdraw"), ("c:propose", "c:final"), ("c:propose", "c:withdraw"), ("c:final", "c:withdraw"),
    ("c:suspend", "c:final"), ("c:cut_price", "c:raise_price"), ("c:confirm", DENY), (DELAY, DENY),
    ("c:open_", "c:close_"), ("c:charge", "c:acquit"),
)  # fmt: skip
UNDONE_BY = {
    act: frozenset(b if a == act else a for a, b in _UNDOES if act in (a, b))
    for pair in _UNDOES
    for act in pair
}
#: What is done with a thing once it is out.
AFTER_RELEASE = frozenset(
    {
        EVALUATE,
        "c:adapt",
        "c:cut_price",
        "c:raise_price",
        "c:retire",
        "c:license_change",
        "c:block",
        "c:order",
    }
)
#: What befalls somebody by name: the same done to another firm is news of its own.
BEFALLS = frozenset(
    {"c:approve", "c:block", "c:order", "c:charge", "c:adapt", "c:sue", "c:acquire", "c:ship"}
)
#: What markets do, and the word for their papers.
MARKET = frozenset({"c:stock", "c:rise", "c:fall"})
#: "Not released" tells what "delayed" tells.
NEGATED = {"release": "delay", "ship": "delay", "approve": "block", "delay": "deny", "block": "approve"}
#: Acts that are news by themselves: an item and a story that tell such acts, and none in common, are two events. What
#: newsrooms name by many verbs ("passes", "adopts", "approves" a bill; "bans", "suspends") is left out.
STRONG = frozenset(
    {
        EVALUATE, "c:teardown", "c:order", "c:charge", "c:cut_price", "c:raise_price", "c:adapt", "c:retire",
        "c:approve", "c:license_change", "c:acquire", "c:tapeout", "c:fund_", "c:outage", "c:inspect", "c:warn",
        "c:leak",
    }
)  # fmt: skip
