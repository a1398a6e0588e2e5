"""A client of the app without a browser: it uses Streamlit's protocol to open pages, press buttons, and poll."""

import re
import time
from urllib.parse import parse_qs, urlparse

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.Slider_pb2 import Slider
from websockets.sync.client import ClientConnection, connect

from pages.components.owner import COOKIE

TIMEOUT = 60.0  # seconds without a reply after which the server counts as lost
_STATE = re.compile(r"(Recording|Starting|Waiting|Training|Paused|Done|Stopped|Failed)\b")  # beginning of a run's state
_EXCHANGE = re.compile(r"exchange/[\w-]+")
SILENCE = 5.0  # seconds after which a poll is sent again


class Viewer:
    """A session with one open page of a server, as in a browser tab. It is a context manager."""

    def __init__(self, url: str, page: str, *, cookie: str | None = None):
        """Create a session. ``url`` is the URL of the server; ``page`` is a path, for example "manual_mlp?epochs=4".

        The browser's ``cookie`` identifies a person in all sessions. Without a cookie, each session is a different
        person.
        """
        self._address = f"ws://{urlparse(url).netloc}/_stcore/stream"
        self._headers = {"Cookie": f"{COOKIE}={cookie}"} if cookie else {}
        self._page, _, self._query = page.partition("?")
        self._script = ""
        self._live: dict[str, float] = {}  # polling interval of each live part, in seconds
        self._due = 0.0
        self.buttons: dict[str, str] = {}
        """Ids of the enabled buttons, by label."""
        self.sliders: dict[str, tuple[Slider, str]] = {}
        """The enabled sliders, by label, each with the id of its fragment."""
        self.pictures: dict[str, float] = {}
        """Seconds from the last message to the arrival of each image, by its alt text."""
        self.exchange = ""
        """Path of the page's exchange (see pages/components/inputs/exchange.py), or "" if the page has none."""
        self.state = ""
        """State of the run, as the run bar displays it."""
        self.errors: list[str] = []
        """Exceptions that the pages displayed."""

    def __enter__(self) -> "Viewer":
        self._socket: ClientConnection = connect(
            self._address,
            subprotocols=["streamlit"],
            additional_headers=self._headers,
            open_timeout=TIMEOUT,
            max_size=None,
            compression=None,
        )
        self._send(self._message())
        return self

    def __exit__(self, *_exception: object) -> None:
        self._socket.close()

    def open(self, page: str) -> None:
        """Open another page in the same session, as by a click in the navigation."""
        self._page, self._query, self._script, self.state = page, "", "", ""
        self._send(self._message())

    def press(self, label: str) -> None:
        """Click the enabled button with this label."""
        message = self._message()
        trigger = message.rerun_script.widget_states.widgets.add()
        trigger.id, trigger.trigger_value = self.buttons[label], True
        self._send(message)

    def slide(self, label: str, position: float) -> float:
        """Move a slider to ``position``, as a browser does.

        The position of a slider with named options is the index of an option. Returns the seconds until the dependent
        part of the page was redrawn.
        """
        message = self._message()
        state = message.rerun_script.widget_states.widgets.add()
        slider, message.rerun_script.fragment_id = self.sliders[label]
        state.id = slider.id
        if slider.type == Slider.SELECT_SLIDER:
            state.string_array_value.data[:] = [slider.options[int(position)]]
        else:
            state.double_array_value.data[:] = [position]
        return self._send(message)

    def poll(self) -> float:
        """Wait for the page's polling interval, and redraw the page's live parts. Return the seconds of the redraw.

        A browser has a timer for each part. A part that is due while the server still draws is redrawn once afterward.
        """
        now = time.perf_counter()
        self._due = max(self._due + min(self._live.values()), now)
        time.sleep(self._due - now)
        messages = []
        for fragment in self._live:
            message = self._message()
            message.rerun_script.fragment_id, message.rerun_script.is_auto_rerun = fragment, True
            messages.append(message)
        return self._send(*messages)

    @property
    def moving(self) -> bool:
        """Whether the page has live parts, which are redrawn at regular intervals."""
        return bool(self._live)

    @property
    def run(self) -> str | None:
        """The id of the run in the page's URL, or None."""
        return parse_qs(self._query).get("run", [None])[0]

    def _message(self) -> BackMsg:
        message = BackMsg()
        message.rerun_script.page_name, message.rerun_script.query_string = self._page, self._query
        message.rerun_script.page_script_hash = self._script
        return message

    def _send(self, *messages: BackMsg) -> float:
        """Send messages, read replies until everything is drawn, and return the duration in seconds."""
        began, self.pictures = time.perf_counter(), {}
        polls = all(message.rerun_script.is_auto_rerun for message in messages)
        for message in messages:
            self._socket.send(message.SerializeToString())
        awaited, interrupted = {message.rerun_script.fragment_id for message in messages}, set()
        while awaited:
            try:
                received = self._socket.recv(timeout=SILENCE if polls else TIMEOUT)
            except TimeoutError:
                # Streamlit drops a poll that arrives while its page is drawn; a browser's timers continue
                if not polls or time.perf_counter() - began > TIMEOUT:
                    raise
                for message in messages:
                    self._socket.send(message.SerializeToString())
                continue
            answer = ForwardMsg.FromString(received)
            kind, drawn = answer.WhichOneof("type"), set(answer.metadata.run.fragment_ids)
            if kind == "new_session" and not drawn:
                self.buttons, self.sliders, self._live = {}, {}, {}
            elif kind == "delta":
                self._read(answer, time.perf_counter() - began)
            elif kind == "navigation":
                self._script = answer.navigation.page_script_hash
            elif kind == "stop_auto_rerun":
                for fragment in answer.stop_auto_rerun.fragment_ids:
                    self._live.pop(fragment, None)
            elif kind == "auto_rerun":
                self._live[answer.auto_rerun.fragment_id] = answer.auto_rerun.interval
                self._due = time.perf_counter()
            elif kind == "page_info_changed":
                self._query = answer.page_info_changed.query_string
            elif kind == "page_not_found" or answer.session_event.HasField("script_compilation_exception"):
                self.errors.append(f"{self._page}: {answer}")
            elif kind == "script_finished" and answer.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                interrupted |= drawn  # by the whole page or by other waiting parts
            elif kind == "script_finished":
                awaited = awaited - drawn - interrupted if drawn else set()
        return time.perf_counter() - began

    def _read(self, answer: ForwardMsg, seconds: float) -> None:
        """Record an element of the page that arrived after ``seconds``."""
        element, kind = answer.delta.new_element, answer.delta.new_element.WhichOneof("type")
        if kind == "button" and not element.button.disabled:
            self.buttons[element.button.label] = element.button.id
        elif kind == "slider" and not element.slider.disabled:
            self.sliders[element.slider.label] = element.slider, answer.delta.fragment_id
        elif kind == "bidi_component" and (exchange := _EXCHANGE.search(element.bidi_component.json)):
            self.exchange = exchange[0]
        elif kind == "imgs":
            self.pictures |= {picture.alt: seconds for picture in element.imgs.imgs}
        elif kind == "markdown" and _STATE.match(element.markdown.body):
            self.state = element.markdown.body
        elif kind == "exception":
            self.errors.append(f"{self._page}: {element.exception.type}: {element.exception.message}")
