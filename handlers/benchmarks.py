"""Replies of ``/benchmarks`` and ``/licences``: wording and order only, no database and no platform."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.judgement.claims_compare import contradicts, is_about, measure_of, range_of
from bot.judgement.claims_references import Reference
from bot.judgement.licences import LicenceEvent, LicenceKind
from bot.model import Claim, Grade
from handlers.answers import counted
from handlers.replies import Entry, Reply
from storage.claims import ToldClaim, ToldLicence

#: Rows that are looked at for one answer, newest first; an answer shows fewer.
MOST_ROWS = 400
_MOST_SHOWN = 40
#: What is only said, without material that others could check.
_WEAK = (Grade.OPINION, Grade.RUMOUR, Grade.LEAK)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Figure:
    """One figure with everybody who tells it, the best proof first."""

    claim: Claim
    rows: tuple[ToldClaim, ...]

    @property
    def best(self) -> ToldClaim:
        return self.rows[0]


def benchmarks(subject: str, told: Sequence[ToldClaim], known: Sequence[Reference]) -> Reply:
    """A row a figure, those of one metric together and published figures of known parts under them."""
    title = f"Benchmarks: {subject}" if subject else "Benchmarks"
    figures = _figures(told)
    asked = [reference for reference in known if subject and is_about(reference.claim.subject, subject)]
    if not figures and not asked:
        return Reply(
            title=title,
            text="No figure was read yet." if not subject else f"No figure of {subject} was read yet.",
        )
    measured = {(_metric(figure.claim), measure_of(figure.claim)[4]) for figure in figures}
    beside = [
        reference
        for reference in known
        if reference in asked or (_metric(reference.claim), measure_of(reference.claim)[4]) in measured
    ]
    against = [_against(figure, figures) for figure in figures]
    rows = [
        (_order(figure.claim, 0), _claimed(figure, others))
        for figure, others in zip(figures, against, strict=True)
    ]
    documented = sorted(
        ((_order(reference.claim, 1), _documented(reference)) for reference in beside), key=lambda row: row[0]
    )
    # What was read goes before what only stands beside it, where there is no room for all.
    room = max(0, _MOST_SHOWN - len(rows))
    shown = [entry for _, entry in sorted([*rows, *documented[:room]], key=lambda row: row[0])[:_MOST_SHOWN]]
    disputed = sum(1 for others in against if others)
    publishers = len({row.told.publisher for row in told})
    text = f"{counted(len(figures), 'figure')} from {counted(publishers, 'publisher')}."
    if not figures:
        text = f"No figure of {subject} was read yet. What its maker or others document:"
    if disputed:
        text += f" {disputed} contradict each other: marked ≠."
    if len(rows) + len(documented) > len(shown):
        text += f" Shown: {len(shown)} rows; name a chip or model to see all of it."
    return Reply(title=title, text=text, entries=tuple(shown))


def _figures(told: Sequence[ToldClaim]) -> list[_Figure]:
    groups: dict[tuple[object, ...], list[ToldClaim]] = {}
    for row in told:
        low, high = range_of(row.claim)
        groups.setdefault((measure_of(row.claim), f"{low:.6g}", f"{high:.6g}"), []).append(row)
    return [
        _Figure(
            claim=rows[0].claim, rows=tuple(sorted(rows, key=lambda row: (-row.told.grade.rank, row.told.at)))
        )
        for rows in groups.values()
    ]


def _order(claim: Claim, kind: int) -> tuple[object, ...]:
    return (
        claim.metric.casefold(),
        claim.precision or "",
        bool(claim.relative_to),
        kind,
        claim.subject,
        -range_of(claim)[1],
    )


def _metric(claim: Claim) -> str:
    return f"{claim.metric} {claim.precision}" if claim.precision else claim.metric


def _value(claim: Claim) -> str:
    value = f"{claim.value:,.6g}"
    if claim.value_max is not None:
        value += f" to {claim.value_max:,.6g}"
    unit = claim.unit if claim.unit in ("%", "x") else f" {claim.unit}"
    if not claim.relative_to:
        return f"{value}{unit}"
    return (
        f"{value}{unit} against {claim.relative_to}"
        if claim.unit == "%"
        else f"{value}{unit} {claim.relative_to}"
    )


def _claimed(figure: _Figure, against: Sequence[str]) -> Entry:
    told = figure.best.told
    others = len({row.told.publisher for row in figure.rows}) - 1
    said = f"{told.publisher} and {others} more" if others > 0 else told.publisher
    grade = f"weak: {told.grade.value}" if told.grade in _WEAK else told.grade.value
    return Entry(
        title=f"{_metric(figure.claim)} · {figure.claim.subject}: {_value(figure.claim)}",
        url=told.url,
        grade=told.grade,
        facts=(
            said,
            grade,
            f"{told.at:%d %b %Y}",
            f"#{told.story}",
            f"≠ {'; '.join(against)}" if against else "",
        ),
    )


def _against(figure: _Figure, figures: Sequence[_Figure]) -> list[str]:
    """Figures of the same thing that other, independent publishers tell otherwise."""
    return [
        f"{_value(other.claim)} ({other.best.told.publisher})"
        for other in figures
        if other is not figure and contradicts(figure.claim, other.claim) and _independent(figure, other)
    ][:3]


def _independent(one: _Figure, other: _Figure) -> bool:
    speakers, others = (set(_speakers(figure)) for figure in (one, other))
    return bool(speakers - others) and bool(others - speakers)


def _speakers(figure: _Figure) -> Iterator[str]:
    for row in figure.rows:
        yield (row.told.cites or row.told.publisher).casefold()


def _documented(reference: Reference) -> Entry:
    return Entry(
        title=f"{_metric(reference.claim)} · {reference.claim.subject}: {_value(reference.claim)}",
        url=reference.link,
        grade=reference.grade,
        facts=(reference.document, reference.grade.value, "for comparison", "", ""),
    )


def licences(subject: str, told: Sequence[ToldLicence]) -> Reply:
    """A row an event, the newest first; the same event told again is one row, with its best proof."""
    title = f"Licences: {subject}" if subject else "Licences"
    if not told:
        return Reply(title=title, text="No licence change and no export rule was read yet.")
    groups: dict[tuple[object, ...], list[ToldLicence]] = {}
    for row in told:
        groups.setdefault(_same(row), []).append(row)
    entries = [_licence(rows) for rows in list(groups.values())[:_MOST_SHOWN]]
    text = f"{counted(len(groups), 'event')}."
    if len(groups) > len(entries):
        text += f" Shown: the newest {len(entries)}."
    return Reply(title=title, text=text, entries=tuple(entries))


def _same(row: ToldLicence) -> tuple[object, ...]:
    event = row.event
    if event.docket:
        return (event.kind, event.docket, event.effective)
    if event.kind is LicenceKind.MODEL:
        return (event.kind, event.subject.casefold(), event.before.casefold(), event.after.casefold())
    return (event.kind, row.told.story)


def _licence(rows: Sequence[ToldLicence]) -> Entry:
    best = min(rows, key=lambda row: (-row.told.grade.rank, row.told.at))
    others = len({row.told.publisher for row in rows}) - 1
    told = best.told
    facts = [*_facts(best.event), told.publisher + (f" and {others} more" if others > 0 else "")]
    facts += [
        f"weak: {told.grade.value}" if told.grade in _WEAK else told.grade.value,
        f"{told.at:%d %b %Y}",
        f"#{told.story}",
    ]
    return Entry(title=_headline(best.event), url=told.url, grade=told.grade, facts=tuple(facts))


def _headline(event: LicenceEvent) -> str:
    if event.kind is LicenceKind.MODEL:
        return f"{event.subject}: {event.before or 'no licence'} → {event.after or 'no licence'}"
    return event.subject


def _facts(event: LicenceEvent) -> Iterator[str]:
    if event.document:
        yield event.document
    if event.agency:
        yield event.agency
    if event.docket:
        yield event.docket if event.docket.startswith("RIN") else f"docket {event.docket}"
    if event.effective:
        yield f"effective {event.effective:%d %b %Y}"
