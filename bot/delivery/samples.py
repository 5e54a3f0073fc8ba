"""The sample alert: how alerts look in a channel, without any news in it."""

from bot.delivery.contract import AlertMessage, Outlet, Place
from bot.delivery.wording import wording
from bot.model import Event, Grade, StoryId
from storage.delivery_rows import DeliveryRow


def sample_message(row: DeliveryRow, place: Place) -> AlertMessage:
    """In the channel's language. Clearly marked, with every part that an alert may have. It is of no story, so
    nothing can be asked about it."""
    said = wording(place.locale)
    return AlertMessage(
        token=row.token,
        channel=row.channel,
        story=StoryId(0),
        event=Event.NEW,
        title=said("sample_title"),
        url="https://example.org/sample",
        publisher="Tipoff",
        author="nobody",
        grade=Grade.OFFICIAL,
        witnesses=2,
        topics=("Sample",),
        published=row.created,
        summary=said("sample_text"),
        outlets=(
            Outlet(publisher="Another outlet", url="https://example.org/another", grade=Grade.REPORT),
            Outlet(publisher="A third one", url="https://example.org/third", grade=Grade.RUMOUR),
        ),
        answers=("Does it work? → yes (was not known)",),
        reason="told: a sample was asked for",
        place=place,
    )
