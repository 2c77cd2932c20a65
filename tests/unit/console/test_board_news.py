"""What a board is sent: what changed, and no age that it counts up to by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from collector.console.board_events import Sent
from collector.console.texts import Texts
from collector.sessions.live_boards import Board
from incidents.sessions.check import Asked
from incidents.sessions.live import Alarm, Tile, tile
from incidents.sessions.model import Stage
from incidents.sessions.moments import Moment
from incidents.sessions.thresholds import BY_CLASS
from tests.session_facts import STARTS_AT, good_endpoint, good_point, point, reading, session

NOW = STARTS_AT + timedelta(minutes=5)
LIVE = session(began_at=STARTS_AT, stage=Stage.LIVE)


def made(order: int, seconds: float, lost: float = 0.0, age: float = 1.0) -> Tile:
    """Return the tile of a point as it was made so many seconds later."""
    at = NOW + timedelta(seconds=seconds)
    stream = reading("wanwatch_call_lost_ratio", lost, age_seconds=age, media="all")
    facts = good_point(point(order), endpoint=(*good_endpoint("9001"), stream))
    return tile(facts, (), Asked(LIVE, Moment.LIVE, BY_CLASS["A"], at))


def board(seconds: float, *tiles: Tile) -> Board:
    """Return a board of these tiles."""
    return Board(LIVE, NOW + timedelta(seconds=seconds), tiles)


def test_the_first_news_is_everything_and_the_same_board_is_none() -> None:
    """A tile that nobody made anew is not sent again, however old it grows."""
    sent, tiles = Sent({}, Texts("vi")), (made(1, 0), made(2, 0))

    first = sent.news(board(0, *tiles))

    assert [one["o"] for one in first["tiles"]] == [1, 2]
    assert (set(first["ages"]), first["stage"]) == ({1, 2}, "live")
    assert sent.news(board(3, *tiles)) == {}


def test_only_what_changed_is_sent() -> None:
    """Another value is a tile; a new value that is the same is an age."""
    sent = Sent({}, Texts("vi"))
    sent.news(board(0, made(1, 0), made(2, 0)))

    worse = sent.news(board(10, made(1, 10, lost=0.02), made(2, 10)))

    assert [one["o"] for one in worse["tiles"]] == [1]
    assert set(worse["tiles"][0]) == {"o", "v", "c"}
    assert set(worse["tiles"][0]["c"]) == {"picture", "sound"}
    assert worse["tiles"][0]["c"]["picture"]["v"] == "no_go"
    assert set(worse["ages"]) == {1, 2}


def test_an_incident_is_sent_until_it_is_over() -> None:
    """With the instant until which the board has it; acknowledged, it waits for nobody."""
    sent = Sent({}, Texts("vi"))
    alarm = Alarm("SC26-0001", "S1", "Mất cầu", "Bridge lost", NOW)
    sent.news(board(0))

    (shown,) = sent.news(board(1)._replace(alarms=(alarm,)))["alarms"]

    assert (shown["title"], shown["until"] - shown["at"]) == ("Mất cầu", 120.0)
    assert sent.news(board(2)._replace(alarms=(alarm,))) == {}
    taken = replace(alarm, acknowledged_at=NOW)
    assert sent.news(board(3)._replace(alarms=(taken,)))["alarms"][0]["until"] is None
    assert sent.news(board(4))["alarms"] == []


def test_an_age_that_only_grew_is_not_sent() -> None:
    """A tile that was made anew of the same old value: the page knows."""
    sent = Sent({}, Texts("vi"))
    sent.news(board(0, made(1, 0, age=1)))
    endpoint = tuple(
        one._replace(age_seconds=one.age_seconds + 3)
        for one in (
            *good_endpoint("9001"),
            reading("wanwatch_call_lost_ratio", 0.0, age_seconds=1, media="all"),
        )
    )
    good = good_point(point(1), endpoint=endpoint)
    path = tuple(one._replace(age_seconds=one.age_seconds + 3) for one in good.path)
    facts = good_point(point(1), endpoint=endpoint, path=path)
    at = NOW + timedelta(seconds=3)
    again = tile(facts, (), Asked(LIVE, Moment.LIVE, BY_CLASS["A"], at))

    assert sent.news(board(3, again)) == {}
