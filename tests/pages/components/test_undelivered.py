"""Unsent messages of a busy server arrive even if a fragment is redrawn meanwhile."""

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue

from pages.components import undelivered


@pytest.fixture
def queue(monkeypatch) -> ForwardMsgQueue:
    """Streamlit's message queue with the app's patch."""
    monkeypatch.setattr(ForwardMsgQueue, "clear", ForwardMsgQueue.clear)  # restored afterwards
    undelivered.keep_for_fragments()
    return ForwardMsgQueue()


def block(path: list[int], fragment: str = "") -> ForwardMsg:
    message = ForwardMsg()
    message.metadata.delta_path.extend(path)
    message.delta.add_block.allow_empty = True
    message.delta.fragment_id = fragment
    return message


def text(path: list[int], body: str, fragment: str) -> ForwardMsg:
    message = ForwardMsg()
    message.metadata.delta_path.extend(path)
    message.delta.new_element.markdown.body = body
    message.delta.fragment_id = fragment
    return message


def paths(messages: list[ForwardMsg]) -> list[list[int]]:
    return [list(message.metadata.delta_path) for message in messages]


def test_a_fragment_that_is_drawn_again_leaves_its_place_in_the_page_that_was_drawn_before(queue):
    """Without its first child the bar would have no second one, and the path [3, 0, 1, 0] would not exist."""
    page = [block([3, 0]), block([3, 0, 0], "live"), block([3, 0, 1])]
    for message in page:
        queue.enqueue(message)
    queue.clear(retain_lifecycle_msgs=True, fragment_ids_this_run=["live"])
    queue.enqueue(block([3, 0, 1, 0], "live"))
    assert paths(queue.flush()) == [[3, 0], [3, 0, 0], [3, 0, 1], [3, 0, 1, 0]]
    assert queue.is_empty()


def test_what_a_fragment_draws_comes_after_what_was_drawn_before(queue):
    """If merged into the earlier message, the browser would treat it as old and remove it after the fragment."""
    queue.enqueue(text([0, 0], "update 1", "live"))
    queue.clear(retain_lifecycle_msgs=True, fragment_ids_this_run=["live"])
    queue.enqueue(text([0, 0], "update 2", "live"))
    assert [message.delta.new_element.markdown.body for message in queue.flush()] == ["update 1", "update 2"]


def test_a_page_that_is_drawn_again_replaces_what_was_not_sent(queue):
    queue.enqueue(block([0, 0]))
    queue.clear(retain_lifecycle_msgs=True)
    assert queue.is_empty()
