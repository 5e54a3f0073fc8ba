"""A channel that went away: its subscriptions rest, and whoever runs Tipoff is told so, once, in the terminal."""

from datetime import datetime

from bot.model import CONSOLE, ChannelKey
from storage import deliveries, subscriptions
from storage.database import Connection


async def stop_telling(tx: Connection, channel: ChannelKey, reason: str, *, now: datetime) -> bool:
    """Tell the channel nothing more until somebody subscribes it again; False when that was so already. The terminal
    is told, since the channel itself cannot be."""
    if not await subscriptions.mark_channel_gone(tx, channel, reason, now=now):
        return False
    text = (
        f"{reason[:1].upper()}{reason[1:]}.\n"
        "Its subscriptions rest. When that is mended, wake them: subscribe again there, or here with "
        f"tipoff subscribe {channel} TOPIC."
    )
    await deliveries.add_notice(
        tx, CONSOLE, f"{channel} is told nothing more", text, now=now, key=f"gone:{channel}:{now.isoformat()}"
    )
    return True
