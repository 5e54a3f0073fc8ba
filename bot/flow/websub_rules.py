"""When a hub is asked, and for which sources. Pure."""

import hashlib
from datetime import datetime, timedelta

from bot.model import FEED_KINDS, SourceKind, SourceMode
from storage.sources import SourceState
from storage.websub import HubState, HubSubscription

#: Kinds whose document can be a feed, which is what a hub distributes.
_PUSHED_KINDS = FEED_KINDS | {SourceKind.GITHUB, SourceKind.REDDIT, SourceKind.ARXIV}
#: Asked for; the hub decides, and says so when it verifies. No lease is believed to be longer than the longest.
LEASE, _LONGEST_LEASE = timedelta(days=10), timedelta(days=90)
#: A lease is renewed when this share of it is over, a little earlier or later for each subscription.
_RENEW_AT, _SPREAD = 0.8, 0.05
#: No hub is asked again sooner, however short its leases are.
_LEAST_GAP = timedelta(seconds=5)
#: After the first request that came to nothing; doubled each time.
_AGAIN, _LONGEST_AGAIN = timedelta(minutes=2), timedelta(hours=12)
_DENIED_AGAIN = timedelta(days=1)
#: How long a hub has to verify that a subscription ends. After that it may push to an address that is gone.
_PARTING = timedelta(minutes=2)


def pushes(state: SourceState) -> bool:
    """Whether this source is one that hubs are asked for."""
    return state.source.mode is SourceMode.STREAM and state.source.kind in _PUSHED_KINDS and not state.stopped


def next_ask(subscription: HubSubscription, *, tries: int) -> datetime:
    """When its hub is to be asked again, or a subscription that is being left is forgotten. ``tries``: requests
    that came to nothing so far."""
    asked = subscription.asked
    match subscription.state:
        case HubState.WANTED:
            return asked
        case HubState.ACTIVE:
            # As long as a renewal is not verified, the rest of the lease is divided in the same way.
            left = (subscription.lease_until or asked) - asked
            return asked + max(left * (_RENEW_AT + _SPREAD * _spread(subscription.token)), _LEAST_GAP)
        case HubState.DENIED:
            return asked + _DENIED_AGAIN
        case HubState.LEAVING:
            return asked + _PARTING
        case HubState.ASKED | HubState.FAILED:
            again: timedelta = _AGAIN * (1 << min(max(tries - 1, 0), 12))
            return asked + min(again, _LONGEST_AGAIN)


def _spread(token: str) -> float:
    """A number from -1 to 1, the same for one subscription however often it is asked for."""
    return hashlib.sha256(token.encode()).digest()[0] / 127.5 - 1


def granted(lease_seconds: str) -> timedelta:
    """The lease that a hub says, or what was asked for where it says none (PubSubHubbub 0.3) or nonsense."""
    if not (lease_seconds.isascii() and lease_seconds.isdigit()) or int(lease_seconds[:12]) == 0:
        return LEASE
    return min(timedelta(seconds=int(lease_seconds[:10])), _LONGEST_LEASE)
