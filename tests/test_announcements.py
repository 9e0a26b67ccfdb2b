"""Who listens, how many may, and who hears what."""

from __future__ import annotations

import json
import threading

import pytest

from webapp import frames
from webapp.announcements import Announcements
from webapp.errors import LimitReached

DELETED = frames.Changed(what="deleted", conversation="c")


class Tab:
    """One open connection."""

    def __init__(self) -> None:
        self.heard: list[object] = []
        self.gone = False

    def announce(self, frame: bytes) -> None:
        self.heard.append(json.loads(frame))

    def go_away(self) -> None:
        self.gone = True


def test_all_of_a_visitors_connections_hear_it_and_nobody_else() -> None:
    announcements = Announcements(most=10, most_per_visitor=10)
    first, second, stranger = Tab(), Tab(), Tab()
    leave = announcements.listen("ann", first)
    announcements.listen("ann", second)
    announcements.listen("bob", stranger)
    announcements.publish("ann", DELETED)
    leave()
    announcements.publish("ann", DELETED)
    frame = {"type": "changed", "what": "deleted", "conversation": "c"}
    assert (first.heard, second.heard, stranger.heard) == ([frame], [frame, frame], [])


def test_the_one_that_made_the_change_is_left_out() -> None:
    announcements = Announcements(most=10, most_per_visitor=10)
    asker, other = Tab(), Tab()
    announcements.listen("ann", asker)
    announcements.listen("ann", other)
    announcements.publish("ann", DELETED, but=asker)
    assert (len(asker.heard), len(other.heard)) == (0, 1)


def test_nobody_listens() -> None:
    Announcements(most=1, most_per_visitor=1).publish("ann", DELETED)


def test_the_bounds_and_that_leaving_makes_room() -> None:
    announcements = Announcements(most=3, most_per_visitor=2)
    leave = announcements.listen("ann", Tab())
    announcements.listen("ann", Tab())
    with pytest.raises(LimitReached, match="tabs"):
        announcements.listen("ann", Tab())
    announcements.listen("bob", Tab())
    assert len(announcements) == 3
    for visitor in ("bob", "cid"):
        with pytest.raises(LimitReached) as caught:
            announcements.listen(visitor, Tab())
        assert caught.value.retry_after is not None
    leave()
    assert len(announcements) == 2
    announcements.listen("ann", Tab())


def test_a_visitor_comes_back_after_the_last_tab_was_closed() -> None:
    announcements = Announcements(most=3, most_per_visitor=1)
    for _ in range(5):
        tab = Tab()
        leave = announcements.listen("ann", tab)
        announcements.publish("ann", DELETED)
        assert len(tab.heard) == 1
        leave()
    assert len(announcements) == 0


def test_everybody_is_sent_away() -> None:
    announcements = Announcements(most=10, most_per_visitor=10)
    tabs = [Tab() for _ in range(4)]
    for number, tab in enumerate(tabs):
        announcements.listen(f"visitor {number % 2}", tab)
    announcements.send_away()
    assert all(tab.gone for tab in tabs)


def test_many_come_and_go_at_once() -> None:
    announcements = Announcements(most=1000, most_per_visitor=1000)
    stays = Tab()
    announcements.listen("ann", stays)

    def come_and_go() -> None:
        for _ in range(300):
            leave = announcements.listen("ann", Tab())
            announcements.publish("ann", DELETED)
            leave()

    threads = [threading.Thread(target=come_and_go) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(announcements), len(stays.heard)) == (1, 1200)
