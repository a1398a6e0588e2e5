"""A renderer of photos of handwritten digits: inks, papers, light, ruling, boxes, desks, tiles, and cameras."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFilter
from scipy.ndimage import distance_transform_edt, gaussian_filter, maximum_filter
from skimage.morphology import skeletonize

WIDTH, HEIGHT = 800, 600
_MARGIN = 0.09  # free border of a photo, as a fraction of its height
_BEYOND = 300  # pixels of the sheet beyond each edge of the photo

Color = tuple[int, int, int]
_BLACK, _BLUE, _RED, _PENCIL, _CHALK, _WHITE = (
    (25, 25, 28),
    (32, 52, 135),
    (185, 35, 40),
    (120, 120, 122),
    (228, 228, 222),
    (255, 255, 255),
)
_PAPER, _NOTE, _KRAFT, _BOARD, _NIGHT = (238, 238, 234), (250, 232, 130), (190, 155, 115), (38, 62, 50), (0, 0, 0)
_LINES, _PRINT = (160, 190, 222), (60, 60, 60)  # ruling, and printed boxes
_WOOD = (98, 66, 42)
_DESKS: dict[str, Color] = {"black": (24, 24, 26), "wood": _WOOD, "table": _WOOD, "light": (226, 222, 212)}


@dataclass(frozen=True)
class Kind:
    """A kind of photo. Lengths are fractions of the photo's height; pairs are ranges."""

    ink: Color = _BLACK
    paper: Color = _PAPER
    height: tuple[float, float] = (0.2, 0.5)
    """Height of the digits; of small digits on ruled or graph paper, too."""
    count: int = 1
    """Number of digits in a row."""
    thin: bool = False
    """Whether the strokes are those of a fine pen."""
    ruling: str = ""
    """"ruled" or "graph"."""
    line: Color = _LINES
    box: bool = False
    """Whether there is a printed box round each digit."""
    desk: str = ""
    """The desk beyond the paper, a name in `_DESKS`; "table" is wood with stripes."""
    edges: int = 4
    """Number of edges of the paper that are in the photo."""
    tile: bool = False
    """Whether it is a screenshot: a page of color ``paper`` with a black or white tile that shows the digit."""
    angle: float = 3
    """Largest rotation, in degrees."""
    tilt: float = 0.0
    """Perspective: displacement of the corners."""
    light: str = ""
    """"gradient", "lamp", "soft" (shadow), "hard" (shadow), or "dark"."""
    blur: float = 0.6
    """Standard deviation of the blur, in pixels."""
    noise: float = 3.0
    """Standard deviation of the camera's noise, in gray levels."""
    quality: int = 85
    """Quality of the JPEG file."""
    edge_digit: bool = False
    """Whether the digit is near a corner of the photo."""


_SMALL, _LARGE = (0.06, 0.10), (0.55, 0.60)

KINDS: dict[str, Kind] = {
    "black pen": Kind(),
    "blue pen": Kind(ink=_BLUE),
    "red marker": Kind(ink=_RED),
    "pencil": Kind(ink=_PENCIL),
    "fine pen": Kind(thin=True),
    "yellow note": Kind(ink=_BLUE, paper=_NOTE),
    "kraft paper": Kind(paper=_KRAFT),
    "blackboard": Kind(ink=_CHALK, paper=_BOARD),
    "clean dark on light": Kind(paper=_WHITE, angle=0, blur=0.3, noise=0, quality=95),
    "clean light on dark": Kind(ink=_WHITE, paper=_NIGHT, angle=0, blur=0.3, noise=0, quality=95),
    "light from one side": Kind(light="gradient"),
    "lamp": Kind(light="lamp", ink=_BLUE),
    "soft shadow": Kind(light="soft"),
    "hard shadow": Kind(light="hard", ink=_BLUE),
    "dark room": Kind(light="dark", noise=5),
    "rotated": Kind(angle=12),
    "perspective": Kind(tilt=0.12, ink=_BLUE),
    "small": Kind(height=_SMALL),
    "small, fine pen": Kind(height=_SMALL, thin=True, ink=_BLUE),
    "large": Kind(height=_LARGE),
    "near a corner": Kind(height=(0.12, 0.25), edge_digit=True),
    "out of focus": Kind(blur=4),
    "noise": Kind(noise=20),
    "JPEG of low quality": Kind(quality=10),
    "ruled paper": Kind(ruling="ruled", ink=_BLUE),
    "ruled paper, small": Kind(ruling="ruled", height=_SMALL),
    "ruled paper, pencil": Kind(ruling="ruled", ink=_PENCIL, height=(0.1, 0.2)),
    "graph paper": Kind(ruling="graph"),
    "graph paper, small": Kind(ruling="graph", ink=_BLUE, height=_SMALL),
    "graph paper, tilted": Kind(ruling="graph", ink=_BLUE, height=(0.1, 0.3), tilt=0.08, angle=8),
    "printed box": Kind(box=True, ink=_BLUE, height=(0.12, 0.4)),
    "printed box, small": Kind(box=True, height=_SMALL),
    "black desk": Kind(desk="black", ink=_BLUE, height=(0.1, 0.35)),
    "wooden desk": Kind(desk="wood", ink=_BLUE, height=(0.1, 0.35)),
    "striped table": Kind(desk="table", ink=_BLUE, height=(0.1, 0.35)),
    "light desk, dark paper": Kind(desk="light", ink=_CHALK, paper=_BOARD, height=(0.1, 0.35)),
    "desk on one side": Kind(desk="wood", edges=1, height=(0.1, 0.35)),
    "desk on two sides": Kind(desk="black", edges=2, height=(0.1, 0.35)),
    "black tile": Kind(tile=True, ink=_WHITE, angle=0, blur=0.3, noise=0, quality=90),
    "white tile": Kind(tile=True, paper=(40, 44, 52), angle=0, blur=0.3, noise=0, quality=90),
    "two digits": Kind(count=2, height=(0.2, 0.4)),
    "four digits": Kind(count=4, height=(0.12, 0.2), ink=_BLUE),
    "two digits on ruled paper": Kind(count=2, height=(0.1, 0.2), ruling="ruled", ink=_BLUE),
    "two digits on a desk": Kind(count=2, height=(0.1, 0.25), desk="wood"),
    "three boxes": Kind(count=3, height=(0.1, 0.2), box=True),
}


def render(kind: Kind, digits: Sequence[np.ndarray], rng: np.random.Generator) -> Image.Image:
    """Return a photo, RGB, of ``digits``: ink (height, width) in 0..1 each, cropped, in their reading order."""
    sheet, top, left = _sheet(kind, digits, rng)
    photo = _placed(kind, sheet, (top, left), rng)
    photo *= _light(kind, rng)[..., None]
    photo = gaussian_filter(photo, (kind.blur, kind.blur, 0))
    photo += rng.normal(0, kind.noise, photo.shape)
    file = io.BytesIO()
    Image.fromarray(photo.clip(0, 255).astype(np.uint8)).save(file, "JPEG", quality=kind.quality)
    return Image.open(file).convert("RGB")


def smooth(digit: np.ndarray) -> np.ndarray:
    """Return an MNIST digit, uint8 (28, 28), as smooth ink, cropped, in 0..1 and 20 times as large."""
    large = Image.fromarray(digit).resize((560, 560), Image.Resampling.BICUBIC).filter(ImageFilter.GaussianBlur(4))
    values = np.asarray(large, np.float32) / 255
    strongest = maximum_filter(values, 61).clip(0.4, None)  # faint strokes are as wide as strong ones
    ink = ((values - 0.5 * strongest) * 4 + 0.5).clip(0, 1)
    rows, columns = np.flatnonzero((ink > 0.5).any(1)), np.flatnonzero((ink > 0.5).any(0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _sheet(
    kind: Kind, digits: Sequence[np.ndarray], rng: np.random.Generator
) -> tuple[np.ndarray, tuple[int, int], tuple[int, int]]:
    """Return the sheet without light and camera, and the rows and the columns that its writing covers."""
    color = np.empty((HEIGHT, WIDTH, 3), np.float32)
    color[:] = kind.paper
    canvas = Image.fromarray(color.astype(np.uint8))
    draw = ImageDraw.Draw(canvas)
    height = rng.uniform(*kind.height) * HEIGHT
    cell = 1.9 * height if kind.box else 1.15 * height
    gap = cell if kind.box else cell * rng.uniform(0.95, 1.2)
    _rule(kind, draw, rng)
    border = HEIGHT * (_MARGIN + (0.12 if kind.desk else 0))
    free_rows, free_columns = HEIGHT - 2 * border - cell, WIDTH - 2 * border - cell - gap * (kind.count - 1)
    shares = rng.integers(0, 2, 2) if kind.edge_digit else rng.uniform(0, 1, 2)
    top, left = border + max(0, free_rows) * shares[0], border + max(0, free_columns) * shares[1]
    middle = top + cell / 2
    if kind.tile:
        side = 0.7 * cell + 0.35 * height
        fill = _NIGHT if kind.ink == _WHITE else _WHITE
        centre = left + cell / 2
        draw.rectangle((centre - side, middle - side, centre + side, middle + side), fill=fill)
    ink = np.zeros((HEIGHT, WIDTH), np.float32)
    for number, digit in enumerate(digits):
        centre = left + cell / 2 + number * gap
        if kind.box:
            half = rng.uniform(0.8, 0.9) * height
            draw.rectangle((centre - half, middle - half, centre + half, middle + half), outline=_PRINT, width=2)
        size = height * rng.uniform(0.92, 1.0)
        _write(ink, digit, size, (middle, centre), fine=max(1.5, size / 26) if kind.thin else 0)
    color = np.asarray(canvas, np.float32)
    ink *= 0.97 if kind.noise else 1
    color = color + (np.array(kind.ink, np.float32) - color) * ink[..., None]
    return color, (round(top), round(top + cell)), (round(left), round(left + cell + gap * (kind.count - 1)))


def _write(ink: np.ndarray, digit: np.ndarray, size: float, centre: tuple[float, float], *, fine: float) -> None:
    """Add a digit of height ``size``, or of width ``size`` if it is wider, to the ink."""
    if fine:
        digit = _fine(digit, fine / size)
    scale = size / max(digit.shape)
    height, width = (max(1, round(length * scale)) for length in digit.shape)
    scaled = np.asarray(Image.fromarray(digit).resize((width, height), Image.Resampling.BOX if scale < 1 else None))
    top, left = round(centre[0] - height / 2), round(centre[1] - width / 2)
    place = ink[top : top + height, left : left + width]
    np.maximum(place, scaled[: place.shape[0], : place.shape[1]], out=place)


def _fine(digit: np.ndarray, width: float) -> np.ndarray:
    """Return a digit with strokes of a fine pen, ``width`` times as wide as the digit is large."""
    radius = max(1.0, width * max(digit.shape) / 2)
    padded = np.pad(digit > 0.5, round(radius) + 2)
    return (radius - distance_transform_edt(~skeletonize(padded)) + 0.5).clip(0, 1).astype(np.float32)


def _rule(kind: Kind, draw: ImageDraw.ImageDraw, rng: np.random.Generator) -> None:
    if not kind.ruling:
        return
    distance = float(rng.uniform(34, 52) if kind.ruling == "ruled" else rng.uniform(18, 30))
    for y in np.arange(rng.uniform(0, distance) - 4 * distance, HEIGHT + 4 * distance, distance):
        draw.line((-200, y, WIDTH + 200, y), fill=kind.line, width=1 + (distance > 28))
    if kind.ruling == "graph":
        for x in np.arange(rng.uniform(0, distance) - 4 * distance, WIDTH + 4 * distance, distance):
            draw.line((x, -200, x, HEIGHT + 200), fill=kind.line, width=1 + (distance > 28))


def _placed(
    kind: Kind, sheet: np.ndarray, writing: tuple[tuple[int, int], tuple[int, int]], rng: np.random.Generator
) -> np.ndarray:
    """Return the sheet as the camera sees it: rotated, in perspective, and with the desk beyond its edges."""
    angle = np.radians(rng.uniform(-kind.angle, kind.angle))
    middle = np.array([np.mean(writing[1]), np.mean(writing[0])])
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    corners = np.array([[0, 0], [WIDTH, 0], [WIDTH, HEIGHT], [0, HEIGHT]], float)
    seen = (corners - middle) @ turn + middle + rng.uniform(-0.5, 0.5, (4, 2)) * kind.tilt * HEIGHT
    # The sheet, and its ruling, continue beyond the photo
    border = ((_BEYOND, _BEYOND), (_BEYOND, _BEYOND), (0, 0))
    larger = np.pad(sheet, border, mode="symmetric" if kind.ruling else "edge").astype(np.uint8)
    shift = np.array([[1, 0, _BEYOND], [0, 1, _BEYOND], [0, 0, 1]], float)
    photo = _warped(Image.fromarray(larger), shift @ _perspective(seen, corners))
    if not kind.desk:
        return photo
    desk = _desk(kind, rng)
    return desk + (photo - desk) * _paper(kind, turn, rng)[..., None]


def _paper(kind: Kind, turn: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the part of each pixel, 0..1, that a sheet of paper on the desk covers."""
    inset = rng.uniform(0.04, 0.11, 4) * HEIGHT  # left, top, right, bottom
    first = int(rng.integers(4))
    inset[[(first + number) % 4 for number in range(4 - kind.edges)]] = -_BEYOND
    left, top, right, bottom = inset
    corners = np.array(
        [(left, top), (WIDTH - right, top), (WIDTH - right, HEIGHT - bottom), (left, HEIGHT - bottom)], float
    )
    middle = np.array([WIDTH / 2, HEIGHT / 2])
    corners = (corners - middle) @ turn + middle + rng.uniform(-6, 6, (4, 2))
    mask = Image.new("L", (4 * WIDTH, 4 * HEIGHT))  # supersampled for soft edges
    ImageDraw.Draw(mask).polygon([(x, y) for x, y in (4 * corners).tolist()], fill=255)
    return np.asarray(mask.reduce(4), np.float32) / 255


def _warped(data: Image.Image, transform: np.ndarray) -> np.ndarray:
    factors = (transform / transform[2, 2]).flatten()[:8].tolist()
    warped = data.transform((WIDTH, HEIGHT), Image.Transform.PERSPECTIVE, factors, Image.Resampling.BICUBIC)
    return np.asarray(warped, np.float32).copy()


def _perspective(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Return the matrix (3, 3) that maps four points to four others."""
    rows, values = [], []
    for (x, y), (u, v) in zip(source, target, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    return np.append(np.linalg.solve(np.array(rows), np.array(values)), 1).reshape(3, 3)


def _desk(kind: Kind, rng: np.random.Generator) -> np.ndarray:
    desk = np.empty((HEIGHT, WIDTH, 3), np.float32)
    desk[:] = _DESKS[kind.desk]
    grain = rng.normal(0, 1, (HEIGHT, WIDTH))
    if kind.desk != "black":
        desk *= 1 + 0.12 * gaussian_filter(grain, (1, 12))[..., None] * 4
    if kind.desk == "table":
        rows, columns = np.indices((HEIGHT, WIDTH))
        waves = rows + 12 * np.sin(columns / rng.uniform(60, 120) + rng.uniform(0, 6))
        desk *= 1 + 0.35 * np.sin(waves / rng.uniform(5, 9))[..., None]
    return desk


def _light(kind: Kind, rng: np.random.Generator) -> np.ndarray:
    rows, columns = np.indices((HEIGHT, WIDTH)) / np.array([[[HEIGHT]], [[WIDTH]]]) - 0.5
    angle = rng.uniform(0, 2 * np.pi)
    along = rows * np.sin(angle) + columns * np.cos(angle)
    strength = {"gradient": 0.55, "dark": 0.3}.get(kind.light, 0.12)
    light = 1 - strength * (0.5 + along)
    if kind.light == "lamp":
        row, column = rng.uniform(-0.4, 0.4, 2)
        light = 0.35 + 0.65 * np.exp(-((rows - row) ** 2 + (columns - column) ** 2) / 0.25)
    if kind.light in ("soft", "hard"):
        width = 0.05 if kind.light == "soft" else 0.004
        light = light * (1 - 0.5 / (1 + np.exp(-(along - rng.uniform(-0.25, 0.25)) / width)))
    return light * (0.22 if kind.light == "dark" else 1)
