"""A patch of Streamlit that keeps the undelivered messages of a session when a fragment is redrawn."""

from streamlit.runtime.forward_msg_queue import ForwardMsgQueue

_clear = ForwardMsgQueue.clear


def keep_for_fragments() -> None:
    """Patch Streamlit so that redrawing a fragment keeps all messages in the queue for the browser.

    When a fragment is redrawn, Streamlit 1.67 removes the fragment's messages from the queue. If a busy server has not
    yet sent the messages for the whole page, the browser gets the page without the fragment. Other elements then move
    into the gap, and the redrawn fragment has no place on the page. The page goes blank ("Cannot set a node at a delta
    path").
    """
    ForwardMsgQueue.clear = _keep_for_fragments  # type: ignore[method-assign]


def _keep_for_fragments(
    self: ForwardMsgQueue, retain_lifecycle_msgs: bool = False, fragment_ids_this_run: list[str] | None = None
) -> None:
    if fragment_ids_this_run is None:
        _clear(self, retain_lifecycle_msgs)
    self._delta_index_map = {}  # no message of this script run replaces a message of an earlier script run
