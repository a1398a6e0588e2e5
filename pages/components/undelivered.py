"""What a session has drawn and its browser does not have yet: a fragment that is drawn again lets all of it arrive."""

from streamlit.runtime.forward_msg_queue import ForwardMsgQueue

_clear = ForwardMsgQueue.clear


def keep_for_fragments() -> None:
    """Change Streamlit's queue of messages for browsers: a fragment that is drawn again removes nothing from it.

    Streamlit 1.67 removes the fragment's own messages, also those of the whole page that was drawn before. Where a
    busy server has not sent them yet, the browser gets that page without the fragment. It closes the gap, so that the
    places of other elements move, and what the fragment then draws has no place: the page goes blank ("Cannot set a
    node at a delta path").
    """
    ForwardMsgQueue.clear = _keep_for_fragments  # type: ignore[method-assign]


def _keep_for_fragments(
    self: ForwardMsgQueue, retain_lifecycle_msgs: bool = False, fragment_ids_this_run: list[str] | None = None
) -> None:
    if fragment_ids_this_run is None:
        _clear(self, retain_lifecycle_msgs)
    self._delta_index_map = {}  # no message of this run takes the place of one of a run before
