"""A page that is open somewhere, without a browser: it speaks Streamlit's protocol, presses Start, and polls."""

import time
from urllib.parse import urlparse

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect


class Viewer:
    """One open page of a server; a context manager."""

    def __init__(self, url: str, page: str):
        """``url`` of the server; ``page`` as in the address bar, for instance "manual_mlp?epochs=4"."""
        self._address = f"ws://{urlparse(url).netloc}/_stcore/stream"
        self._page, _, self._query = page.partition("?")
        self._script = ""
        self._buttons: dict[str, str] = {}
        self._sliders: dict[str, tuple[str, str]] = {}
        self._polled: tuple[float, str] | None = None
        self.pictures: dict[str, float] = {}
        """Seconds from the last message until a picture came, by the picture's text alternative."""

    def __enter__(self) -> "Viewer":
        self._socket: ClientConnection = connect(
            self._address, subprotocols=["streamlit"], max_size=None, compression=None
        )
        self._send(self._message())
        return self

    def __exit__(self, *_exception: object) -> None:
        self._socket.close()

    def press(self, label: str) -> None:
        """Click a button."""
        message = self._message()
        trigger = message.rerun_script.widget_states.widgets.add()
        trigger.id, trigger.trigger_value = self._buttons[label], True
        self._polled = None
        self._send(message)

    def slide(self, label: str, position: float) -> float:
        """Move a slider (one with named positions by the position's number), as a browser does it.

        Returns the seconds until that part of the page was drawn again which answers to it.
        """
        message = self._message()
        state = message.rerun_script.widget_states.widgets.add()
        state.id, message.rerun_script.fragment_id = self._sliders[label]
        state.double_array_value.data[:] = [position]
        began = time.perf_counter()
        self._send(message)
        return time.perf_counter() - began

    def poll(self) -> float:
        """Wait as long as the page asks to, then draw its live part again; returns the seconds that took."""
        interval, fragment = self._polled
        time.sleep(interval)
        message = self._message()
        message.rerun_script.fragment_id, message.rerun_script.is_auto_rerun = fragment, True
        began = time.perf_counter()
        self._send(message)
        return time.perf_counter() - began

    @property
    def moving(self) -> bool:
        """Whether the page asks to be drawn again."""
        return self._polled is not None

    def _message(self) -> BackMsg:
        message = BackMsg()
        message.rerun_script.page_name, message.rerun_script.query_string = self._page, self._query
        message.rerun_script.page_script_hash = self._script
        return message

    def _send(self, message: BackMsg) -> None:
        """Send, and read what comes back until the script has finished."""
        began, self.pictures = time.perf_counter(), {}
        self._socket.send(message.SerializeToString())
        while True:
            answer = ForwardMsg.FromString(self._socket.recv(timeout=60))
            kind = answer.WhichOneof("type")
            if kind == "delta" and answer.delta.new_element.WhichOneof("type") == "button":
                button = answer.delta.new_element.button
                self._buttons[button.label] = button.id
            elif kind == "delta" and answer.delta.new_element.WhichOneof("type") == "slider":
                slider = answer.delta.new_element.slider
                self._sliders[slider.label] = slider.id, answer.delta.fragment_id
            elif kind == "delta" and answer.delta.new_element.WhichOneof("type") == "imgs":
                for picture in answer.delta.new_element.imgs.imgs:
                    self.pictures[picture.alt] = time.perf_counter() - began
            elif kind == "navigation":
                self._script = answer.navigation.page_script_hash
            elif kind == "stop_auto_rerun":
                self._polled = None
            elif kind == "auto_rerun":
                self._polled = answer.auto_rerun.interval, answer.auto_rerun.fragment_id
            elif kind == "page_info_changed":
                self._query = answer.page_info_changed.query_string
            elif kind == "script_finished":
                if answer.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                    return
                self._polled = None
