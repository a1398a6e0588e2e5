"""What the page shows of the object that a line of the program has made or changed."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from core.topics.workflow.trace import TracedLine
from pages.components.text import _, ngettext, number
from pages.workflow.blocks import (
    Block,
    bars,
    code,
    digits,
    flow,
    maps,
    note,
    picture,
    row,
    shape,
    statistics,
    table,
)

Facts = Mapping[str, Any]


def blocks(line: TracedLine) -> list[Block]:
    """Return the blocks of a traced line. Some lines have none."""
    view = _VIEWS.get(line.role)
    return view(line.facts) if view else []


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


def _parameters(facts: Facts) -> Block:
    rows = [[each["name"], shape(each["shape"]), f"{each['count']:,}"] for each in facts["parameters"]]
    if "total" in facts:
        rows.append([_("total"), "", f"{facts['total']:,}"])
    return table([_("parameter"), _("shape"), _("count")], rows)


def _conv(facts: Facts) -> list[Block]:
    return [
        code(facts["text"]),
        _parameters(facts),
        maps(
            facts["filters"],
            title=_("The 8 filters: blue is positive, orange is negative"),
            alt=_("The 8 filters"),
            size=60,
        ),
    ]


def _fc(facts: Facts) -> list[Block]:
    title = _("The 1,568 weights of the output for the digit 0: 14 × 14 for each feature map")
    return [code(facts["text"]), _parameters(facts), maps(facts["maps"], title=title, alt=title, size=60)]


def _forward(facts: Facts) -> list[Block]:
    return [flow(("x", shape(facts["shape"])))]


def _relu(facts: Facts) -> list[Block]:
    return [
        flow(("x", shape(facts["before"])), ("conv, ReLU", shape(facts["after"]["shape"]))),
        row(
            digits(
                facts["pixels"], title=_("the first image"), alt=_("The first image of the batch"), columns=1, size=84
            ),
            maps(
                facts["maps"],
                title=_("its 8 feature maps"),
                alt=_("The 8 feature maps of the first image"),
                columns=4,
                size=84,
            ),
        ),
        note(_("{zeros:.0%} of the values are 0.").format(zeros=facts["zeros"])),
    ]


def _outputs_of_first(facts: Facts, values: list[float], title: str) -> Block:
    alt = _("Ten outputs for the first image. Its label is {label}.").format(label=facts["label"])
    return bars(values, label=facts["label"], title=title, alt=alt)


def _logits(facts: Facts) -> list[Block]:
    before, flat, after = (shape(sizes) for sizes in facts["shapes"])
    title = _("The outputs for the first image (label {label})").format(**facts)
    return [flow(("x", before), ("flatten", flat), ("fc", after)), _outputs_of_first(facts, facts["outputs"], title)]


def _model(facts: Facts) -> list[Block]:
    return [code("dict(model.named_parameters())"), _parameters(facts)]


def _text(facts: Facts) -> list[Block]:
    return [code(facts["text"])]


def _optimizer(facts: Facts) -> list[Block]:
    return [
        code(facts["text"]),
        note(
            _("It updates {tensors} tensors with the learning rate {rate}.").format(
                tensors=facts["tensors"], rate=number(facts["learning_rate"])
            )
        ),
    ]


def _epochs(facts: Facts) -> list[Block]:
    return [
        flow(
            (_("epochs"), f"{facts['epochs']:,}"),
            (_("updates per epoch"), f"{facts['per_epoch']:,}"),
            (_("updates"), f"{facts['updates']:,}"),
        ),
        note(_("“Run next line” makes one update. “Train” makes all of them, and draws the loss and the accuracy.")),
    ]


def _mode(facts: Facts) -> list[Block]:
    return [code(f"model.training = {facts['training']}")]


def _gradient_table(before: Sequence[Facts], after: Sequence[Facts], titles: tuple[str, str]) -> Block:
    def text(norm: float | None) -> str:
        return "None" if norm is None else number(norm)

    rows = [
        [old["name"], shape(old["shape"]), text(old["norm"]), text(new["norm"])]
        for old, new in zip(before, after, strict=True)
    ]
    return table([_("parameter"), _("shape"), *titles], rows)


def _zero_grad(facts: Facts) -> list[Block]:
    return [
        note(_("Before the first update there are no gradients: .grad is None. Before the second update:")),
        _gradient_table(facts["before"], facts["after"], (_("norm of .grad before"), _("after zero_grad()"))),
    ]


def _outputs(facts: Facts) -> list[Block]:
    title = _("The outputs for the first image (label {label}). The network has not learned yet.").format(**facts)
    return [
        statistics(["outputs"], [facts["outputs"]]),
        row(
            digits(facts["pixels"], alt=_("The first image of the batch"), columns=1),
            _outputs_of_first(facts, facts["first"], title),
        ),
        code(f"outputs.grad_fn = <{facts['grad_fn']}>"),
    ]


def _loss(facts: Facts) -> list[Block]:
    return [
        code(f"loss = {facts['loss']:.4f}    loss.grad_fn = <{facts['grad_fn']}>"),
        note(
            _(
                "For the first image, the probability of the correct digit is {probability}, and −log of it is {loss}."
            ).format(probability=f"{facts['probability']:.1%}", loss=f"{facts['of_first']:.3f}")
        ),
        note(_("If all ten digits had the probability 1/10, the loss would be log(10) = 2.303.")),
    ]


def _backward(facts: Facts) -> list[Block]:
    return [
        _gradient_table(facts["before"], facts["after"], (_("norm of .grad before"), _("after backward()"))),
        row(
            maps(facts["filters"], title="conv.weight", alt=_("The 8 filters"), columns=4, size=48),
            maps(
                facts["gradient"], title="conv.weight.grad", alt=_("The gradients of the 8 filters"), columns=4, size=48
            ),
        ),
        note(_("The graph is freed. A second loss.backward() fails:")),
        code(facts["again"].split(".")[0] + "."),
    ]


def _step(facts: Facts) -> list[Block]:
    example, rate = facts["example"], facts["learning_rate"]
    equation = _("{name}: {before:.6f} − {rate} × ({gradient:.6f}) = {after:.6f}").format(
        name=example["name"],
        before=example["before"],
        rate=number(rate),
        gradient=example["gradient"],
        after=example["after"],
    )
    largest = max(np.abs(facts["filters_before"]).max(), np.abs(facts["filters_after"]).max())
    return [
        code(equation),
        table(
            [_("parameter"), _("norm of .grad"), _("{rate} × norm").format(rate=number(rate)), _("norm of the change")],
            [
                [each["name"], number(each["gradient"]), number(each["expected"]), number(each["change"])]
                for each in facts["rows"]
            ],
        ),
        row(
            maps(
                facts["filters_before"],
                title=_("before"),
                alt=_("The 8 filters before"),
                largest=largest,
                columns=4,
                size=36,
            ),
            maps(facts["gradients"], title=".grad", alt=_("The gradients of the 8 filters"), columns=4, size=36),
            maps(
                facts["filters_after"],
                title=_("after"),
                alt=_("The 8 filters after"),
                largest=largest,
                columns=4,
                size=36,
            ),
        ),
        note(
            _(
                "Checked for all parameters: change = −learning rate × gradient. The largest difference is {error}."
            ).format(error=number(facts["largest_error"]))
        ),
    ]


def _append(facts: Facts) -> list[Block]:
    return [code(f"losses = [{', '.join(f'{loss:.4f}' for loss in facts['losses'])}]")]


def _no_grad(facts: Facts) -> list[Block]:
    return [
        code(
            f"torch.is_grad_enabled() = {facts['enabled']}\n"
            f"model(images).requires_grad = {facts['requires_grad']}\n"
            f"model(images).grad_fn = {facts['grad_fn']}"
        )
    ]


def _correct(facts: Facts) -> list[Block]:
    right = [prediction == label for prediction, label in zip(facts["predictions"], facts["labels"], strict=True)]
    captions = [
        str(label) if is_right else f"{prediction} ({label})"
        for prediction, label, is_right in zip(facts["predictions"], facts["labels"], right, strict=True)
    ]
    return [
        code(f"correct = {facts['correct']}    len(test_data) = {facts['total']:_}"),
        digits(
            facts["pixels"],
            captions,
            correct=right,
            title=_("Predictions after one update. If a prediction is wrong, the label is in parentheses."),
            alt=_("The first 32 test digits with their predictions"),
        ),
    ]


def _save(facts: Facts) -> list[Block]:
    rows = [
        [each["name"], shape(each["shape"]), each["dtype"], ", ".join(map(number, each["first"])) + ", …"]
        for each in facts["rows"]
    ]
    return [
        table([_("name"), _("shape"), "dtype", _("values")], rows),
        note(
            _("model.pt has {size:,} bytes. It is a zip file with {count} entries: {names} …").format(
                size=facts["bytes"], count=len(facts["records"]), names=", ".join(facts["records"][:2])
            )
        ),
        note(_("In this trace, the network has made one update. After Train, Export contains the trained network.")),
    ]


def _compared(facts: Facts) -> list[Block]:
    return [
        code(_("largest difference of the outputs: {difference}").format(difference=number(facts["difference"]))),
        row(
            _outputs_of_first(facts, facts["model"], "model(images)[0]"),
            _outputs_of_first(facts, facts["restored"], "restored(images)[0]"),
        ),
    ]


def _load(facts: Facts) -> list[Block]:
    rows = [[name, str(equal)] for name, equal in facts["equal"].items()]
    return [code(facts["message"]), table([_("parameter"), _("equal to that of the model")], rows)]


_VIEWS: dict[str, Callable[[Facts], list[Block]]] = {
    "import_torch": lambda facts: [code(f"torch.__version__ = {facts['version']}")],
    "seed": _seed,
    "to_tensor": _to_tensor,
    "transform": _transform,
    "train_data": _data,
    "test_data": _data,
    "train_loader": _train_loader,
    "test_loader": _test_loader,
    "batch": _batch,
    "grid": _grid,
    "conv": _conv,
    "fc": _fc,
    "forward": _forward,
    "relu": _relu,
    "logits": _logits,
    "model": _model,
    "print_model": _text,
    "optimizer": _optimizer,
    "epochs": _epochs,
    "train_mode": _mode,
    "batches": _batch,
    "zero_grad": _zero_grad,
    "outputs": _outputs,
    "loss": _loss,
    "backward": _backward,
    "step": _step,
    "append": _append,
    "eval_mode": _mode,
    "no_grad": _no_grad,
    "correct": _correct,
    "print_accuracy": _text,
    "save": _save,
    "restored": _compared,
    "load": _load,
    "compare": _compared,
}
