"""A simulated learner in a class who opens pages, moves sliders, watches runs, and records waiting times."""

import io
import json
import random
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, fields
from http import HTTPStatus
from itertools import count, cycle
from typing import NamedTuple
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from PIL import Image
from websockets.exceptions import WebSocketException

from benchmarks.viewer import TIMEOUT, Viewer
from core.topics.own_images.examples import FOLDER

ARRIVAL = 10.0  # seconds in which all learners arrive
LOOK = 3.0  # seconds between two clicks
PATIENCE = 20.0  # seconds that a learner watches a run before opening another page
WAITING = ("Waiting", "Starting")  # how the displayed state of a run begins before its first event


class Start(NamedTuple):
    """A run that a learner started."""

    address: str
    run: str
    pressed: float
    """Time of the click, in seconds since 1970."""


@dataclass
class Diary:
    """The measurements of one or more learners. Times are in seconds."""

    openings: list[float] = field(default_factory=list)
    polls: list[float] = field(default_factory=list)
    slides: list[float] = field(default_factory=list)
    first_news: list[float] = field(default_factory=list)
    """Time from Train to the first event of the run, or until the learner lost patience."""
    unseen: list[Start] = field(default_factory=list)
    """Runs without an event when their learners lost patience or the lesson ended."""
    starts: list[Start] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    """Pages on which Train did not start a run."""
    replaced: list[str] = field(default_factory=list)
    """Runs that ended because a changed setting started a new run."""
    frames: list[float] = field(default_factory=list)
    """Time from a camera frame to its prediction."""
    rates: list[float] = field(default_factory=list)
    """Predictions per second of each camera."""
    errors: list[str] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    """Processor time of each process of learners."""

    def add(self, other: "Diary") -> None:
        """Add the entries of another diary."""
        for part in fields(self):
            getattr(self, part.name).extend(getattr(other, part.name))


class Learner:
    """A simulated learner who visits all pages in turn until the end of the lesson.

    Pages are opened in one session, as by clicks in the navigation. An address with a query is a link: it opens a new
    session of the same browser.
    """

    def __init__(self, url: str, pages: Sequence[str], *, number: int, end: float):
        """Create a learner.

        ``url`` is the URL of the server, and ``pages`` are the paths of the pages. ``number`` identifies the learner
        and selects the first page. ``end`` is the end of the lesson, in seconds since 1970.
        """
        first = number % len(pages)
        self.url, self.pages, self.end = url, [*pages[first:], *pages[:first]], end
        self.cookie = f"learner-{number}"
        self.random = random.Random(number)
        self.diary = Diary()
        self.viewer: Viewer | None = None
        self.session = ExitStack()

    def attend(self) -> Diary:
        """Open pages until the end of the lesson, and return the learner's diary."""
        for address in cycle(self.pages):
            if time.time() >= self.end:
                break
            try:
                self._visit(address)
            except (OSError, WebSocketException) as error:
                self.diary.errors.append(f"{address}: {error!r}")
                self._leave()
        self._leave()
        return self.diary

    def _leave(self) -> None:
        if self.viewer:
            self.diary.errors += self.viewer.errors
        self.viewer = None
        self.session.close()

    def _visit(self, address: str) -> None:
        if "?" in address:
            self._leave()
        began = time.perf_counter()
        if self.viewer:
            self.viewer.open(address)
        else:
            self.viewer = self.session.enter_context(Viewer(self.url, address, cookie=self.cookie))
        self.diary.openings.append(time.perf_counter() - began)
        if self._watch(self.viewer):
            self._move_slider(self.viewer, address)
        if self._watch(self.viewer) and "Train" in self.viewer.buttons:
            self._train(self.viewer, address)
            if self._watch(self.viewer):
                self._move_slider(self.viewer, address)
                self._watch(self.viewer)

    def _watch(self, viewer: Viewer) -> bool:
        """Look at the page for a while. Return whether the lesson continues."""
        end = min(time.time() + LOOK, self.end)
        while viewer.moving and time.time() < end:
            self.diary.polls.append(viewer.poll())
        time.sleep(max(0, end - time.time()))
        return time.time() < self.end

    def _move_slider(self, viewer: Viewer, address: str) -> None:
        """Move one of the first three sliders to a position near its default."""
        if not viewer.sliders:
            return
        label = self.random.choice([*viewer.sliders][:3])
        slider, _fragment = viewer.sliders[label]
        last, default = (round((value - slider.min) / slider.step) for value in (slider.max, slider.default[0]))
        positions = {*range(max(0, default - 3), min(last, default + 3) + 1)} - {default}
        position = slider.min + slider.step * self.random.choice([*positions])
        run = viewer.run
        self.diary.slides.append(viewer.slide(label, position))
        if run and viewer.run and viewer.run != run:
            self.diary.replaced.append(run)
            self.diary.starts.append(Start(address, viewer.run, time.time()))

    def _train(self, viewer: Viewer, address: str) -> None:
        """Press Train, and watch the run until it ends or the learner loses patience."""
        previous, pressed = viewer.run, time.time()
        viewer.press("Train")
        if viewer.run in (None, previous):
            self.diary.refused.append(address)
            return
        start = Start(address, viewer.run, pressed)
        self.diary.starts.append(start)
        end = min(pressed + PATIENCE, self.end)
        while (waiting := viewer.state.startswith(WAITING)) and viewer.moving and time.time() < end:
            self.diary.polls.append(viewer.poll())
        if waiting:
            self.diary.unseen.append(start)
        if not waiting or end < self.end:
            self.diary.first_news.append(time.time() - pressed)
        while viewer.moving and time.time() < end:
            self.diary.polls.append(viewer.poll())


def film(url: str, number: int, end: float) -> Diary:
    """Send camera frames as a browser does, one after another, until the end of the lesson. Return the camera's diary.

    ``url`` is the URL of the server. ``number`` identifies the camera. ``end`` is the end of the lesson, in seconds
    since 1970. Each frame differs from the previous one, so that no prediction is cached.
    """
    diary, photo = Diary(), Image.open(next(iter(sorted(FOLDER.rglob("*.jpg"))))).convert("RGB").resize((224, 224))
    try:
        with Viewer(url, "own_images", cookie=f"camera-{number}") as viewer:
            while viewer.moving and time.time() < end:
                viewer.poll()  # until the head is trained
            began = time.time()
            for degrees in count(number):
                if time.time() >= end:
                    break
                frame, sent = io.BytesIO(), time.perf_counter()
                photo.rotate(degrees).save(frame, "JPEG")
                answer, wait = _predict(f"{url}/{viewer.exchange}/frame", frame.getvalue())
                if answer:
                    diary.frames.append(time.perf_counter() - sent)
                time.sleep(max(0, wait - (time.perf_counter() - sent)))
            diary.rates.append(len(diary.frames) / (time.time() - began))
            diary.errors += viewer.errors
    except (OSError, WebSocketException) as error:
        diary.errors.append(f"camera: {error!r}")
    return diary


def _predict(address: str, frame: bytes) -> tuple[object, float]:
    """Return the prediction for a frame (None if the server is busy), and the seconds until the next frame."""
    try:
        with urlopen(Request(address, data=frame), timeout=TIMEOUT) as response:
            reply = json.load(response)
    except HTTPError as error:
        if error.code != HTTPStatus.SERVICE_UNAVAILABLE:
            raise
        reply = json.load(error)
    return reply.get("answer"), reply["wait"]


def attend(
    url: str, pages: Sequence[str], numbers: Sequence[int], learners: int, cameras: int, begin: float, end: float
) -> Diary:
    """Run a lesson with some of the learners, each in a thread of this process, and return one diary of them all.

    ``url`` is the URL of the server, and ``pages`` are the paths of the pages. ``numbers`` identify the learners in
    this process. ``learners`` is the number of learners in all processes, who arrive one after another. ``cameras`` is
    the number of cameras in this process. The lesson lasts from ``begin`` to ``end``, in seconds since 1970.
    """
    spent = time.process_time()

    def learn(number: int) -> Diary:
        time.sleep(max(0, begin + ARRIVAL * number / learners - time.time()))
        return Learner(url, pages, number=number, end=end).attend()

    diary = Diary()
    with ThreadPoolExecutor(len(numbers) + cameras) as threads:
        films = [threads.submit(film, url, number, end) for number in range(cameras)]
        for one in (*threads.map(learn, numbers), *(each.result() for each in films)):
            diary.add(one)
    diary.processor.append(time.process_time() - spent)
    return diary
