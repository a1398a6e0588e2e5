"""Views of the lines of the part Optimize: the forward pass, gradients, and the update."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from pages.components.text import _, number
from pages.workflow.blocks import Block, code, digits, flow, maps, note, outputs_of_first, row, shape, statistics, table

Facts = Mapping[str, Any]


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
            outputs_of_first(facts, facts["first"], title),
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
        note(_("The saved tensors are freed. A second loss.backward() fails:")),
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


VIEWS: dict[str, Callable[[Facts], list[Block]]] = {
    "optimizer": _optimizer,
    "epochs": _epochs,
    "train_mode": _mode,
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
}
"""The role of a line -> its view."""
