"""Views of the lines of the part Data: the dataset, transforms, the data loader, and a batch."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from pages.components.text import _, ngettext, number
from pages.workflow.blocks import Block, code, digits, flow, note, picture, row, shape, statistics, table

Facts = Mapping[str, Any]


def _seed(facts: Facts) -> list[Block]:
    values = ", ".join(f"{value:.4f}" for value in facts["numbers"])
    return [note(_("The next random numbers with the seed {seed}:").format(**facts)), code(values)]


def _to_tensor(facts: Facts) -> list[Block]:
    before, after = facts["before"], facts["after"]
    width, height = before["size"]
    size = _("{width} × {height} pixels").format(width=width, height=height)
    return [
        row(
            digits(facts["pixels"], alt=_("The first training digit"), columns=1, size=84),
            table(
                ["", _("type"), _("shape"), _("min"), _("max")],
                [
                    [_("before"), before["type"], size, str(before["min"]), str(before["max"])],
                    [_("after"), after["dtype"], shape(after["shape"]), number(after["min"]), number(after["max"])],
                ],
            ),
        ),
        table(
            [_("six pixels"), *[""] * 5],
            [[str(value) for value in facts["row_before"]], [number(value) for value in facts["row_after"]]],
        ),
        note(_("Each pixel is divided by 255. The new first dimension is the channel: gray images have one.")),
    ]


def _transform(facts: Facts) -> list[Block]:
    stages = facts["stages"]
    titles = {
        "Compose": _("to_tensor"),
        "GaussianNoise": "GaussianNoise",
        "Normalize": "Normalize",
    }
    names = [titles[stage["step"]] for stage in stages]
    values = np.stack([stage["first"] for stage in stages])
    low, high = values.min((1, 2), keepdims=True), values.max((1, 2), keepdims=True)
    shown = ((values - low) / np.maximum(high - low, 1e-9) * 255).round().astype(np.uint8)
    return [
        digits(shown, names, alt=_("The first training digit after each transform"), columns=len(names), size=112),
        table(
            [_("after"), _("min"), _("max"), _("mean"), _("std")],
            [
                [name, *(number(stage[key]) for key in ("min", "max", "mean", "std"))]
                for name, stage in zip(names, stages, strict=True)
            ],
        ),
        note(
            _(
                "Measured on {n:,} training digits. Each image is drawn from its smallest value (black) to its largest "
                "(white), so normalizing does not change how it looks."
            ).format(n=facts["n"])
        ),
    ]


def _data(facts: Facts) -> list[Block]:
    item = facts["item"]
    return [
        table(
            [_("expression"), _("result")],
            [
                ["len(data)", f"{facts['length']:,}"],
                ["data[0][0].shape", shape(item["shape"])],
                ["data[0][0].dtype", item["dtype"]],
                ["data[0][1]", str(facts["labels"][0])],
            ],
        ),
        digits(
            facts["pixels"],
            [str(label) for label in facts["labels"]],
            title=_("data[0] to data[31], with their labels"),
            alt=_("The first 32 digits of the dataset"),
        ),
    ]


def _train_loader(facts: Facts) -> list[Block]:
    titles = {"True": "shuffle=True", "False": "shuffle=False"}
    parts = []
    for name in (str(facts["shuffle"]), str(not facts["shuffle"])):
        order = facts["orders"][name]
        parts.append(
            digits(
                order["pixels"],
                [str(index) for index in order["indices"]],
                title=_("{setting}: the first digits, and their positions in the dataset").format(setting=titles[name]),
                alt=_("The first {n} digits with {setting}").format(n=len(order["labels"]), setting=titles[name]),
            )
        )
    sizes = ngettext(
        "{batches:,} batch of {size:,} digits.", "{batches:,} batches of {size:,} digits.", facts["batches"]
    )
    text = sizes.format(batches=facts["batches"], size=facts["batch_size"])
    if facts["last"] != facts["batch_size"]:
        text = _("{batches:,} batches of {size:,} digits. The last one has {last:,}.").format(
            batches=facts["batches"], size=facts["batch_size"], last=facts["last"]
        )
    return [note(text), *parts]


def _test_loader(facts: Facts) -> list[Block]:
    return [code(f"len(test_loader) = {facts['batches']}")]


def _batch(facts: Facts) -> list[Block]:
    images, labels = facts["images"], facts["labels"]
    shown = len(facts["pixels"])
    title = (
        ngettext("The image of the batch, with its label", "All {n} images of the batch, with their labels", shown)
        if shown == images["shape"][0]
        else _("The first {n} images of the batch, with their labels")
    )
    return [
        flow(
            ("train_data[i]", f"{shape(facts['item'])}, {facts['digits'][0]}"),
            ("images, labels", f"{shape(images['shape'])}, {shape(labels['shape'])}"),
        ),
        digits(
            facts["pixels"],
            [str(label) for label in facts["digits"]],
            title=title.format(n=shown),
            alt=title.format(n=shown),
            columns=16,
        )
        | {"deal": True},
        statistics(["images", _("images before Normalize"), "labels"], [images, facts["before_normalize"], labels]),
    ]


def _grid(facts: Facts) -> list[Block]:
    return [
        row(
            picture(facts["picture"], alt=_("The images of the batch, joined into one image")),
            code("\n".join("  ".join(map(str, labels)) for labels in facts["rows"]), title="labels"),
        ),
        statistics(["grid"], [facts["grid"]]),
    ]


VIEWS: dict[str, Callable[[Facts], list[Block]]] = {
    "import_torch": lambda facts: [code(f"torch.__version__ = {facts['version']}")],
    "seed": _seed,
    "seed_again": _seed,
    "to_tensor": _to_tensor,
    "transform": _transform,
    "train_data": _data,
    "test_data": _data,
    "train_loader": _train_loader,
    "test_loader": _test_loader,
    "batch": _batch,
    "grid": _grid,
    "batches": _batch,
}
"""The role of a line -> its view."""
