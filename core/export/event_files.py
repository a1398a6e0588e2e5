"""The metrics of a run as event files for TensorBoard: ``tensorboard --logdir FOLDER``."""

import io
import math
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from core.training.progress import Progress


def write_events(folder: Path, history: Sequence[Progress], *, settings: Mapping[str, object]) -> None:
    """Write an event file into ``folder``: a scalar for each metric at each update, and the settings as a text.

    Numbers that are not finite are NaN. The folder is created if it does not exist. Raises OSError if the file cannot
    be written.
    """
    from torch.utils.tensorboard.writer import SummaryWriter

    with SummaryWriter(str(folder)) as writer:
        rows = [f"| {name} | {value} |" for name, value in settings.items()]
        writer.add_text("settings", "\n".join(["| setting | value |", "|---|---|", *rows]))
        for event in history:
            for name, value in event.metrics.items():
                writer.add_scalar(name, math.nan if value is None else value, event.step)


def events_zip(name: str, history: Sequence[Progress], *, settings: Mapping[str, object]) -> bytes:
    """Return a zip file with a folder called ``name`` that contains the event file."""
    buffer = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        write_events(Path(folder), history, settings=settings)
        for file in Path(folder).iterdir():
            archive.write(file, f"{name}/{file.name}")
    return buffer.getvalue()
