"""The "What the tutorial gets wrong" tab: a small experiment for each mistake."""

from collections.abc import Callable

import streamlit as st

from core.topics.manual_mlp import demonstrations
from pages.components import source
from pages.components.run.run_view import RunView
from pages.components.text import _
from pages.manual_mlp import mistakes_in_comparisons, mistakes_in_scale, mistakes_in_training


def draw(run_view: RunView) -> None:
    """Draw a widget for choosing a mistake in the tutorial, and an experiment that demonstrates the mistake.

    Some experiments use the displayed run.
    """
    experiments: dict[str, tuple[str, Callable[[RunView], None]]] = {
        "gradient": (_("The loss can fall with a wrong gradient"), mistakes_in_training.gradient),
        "rising_loss": (_("“The loss keeps falling”"), mistakes_in_training.rising_loss),
        "zero_grad": (_("Forgetting zero_grad()"), mistakes_in_training.zero_grad),
        "initialization": (_("Initial weights that are too large"), mistakes_in_scale.initialization),
        "sum_or_mean": (_("Sum or mean of squared errors"), mistakes_in_scale.sum_or_mean),
        "fresh_data": (_("A small training loss means little"), mistakes_in_comparisons.fresh_data),
        "other_weights": (_("“Autograd gives a better result”"), mistakes_in_comparisons.other_weights),
        "learning_rates": (_("Comparing untuned optimizers"), mistakes_in_comparisons.learning_rates),
        "no_effect": (_("Code that has no effect or fails"), _draw_code),
    }
    name = st.pills(
        _("Mistake"),
        list(experiments),
        format_func=lambda name: experiments[name][0],
        default=next(iter(experiments)),
        required=True,
        key="manual_mlp.mistake",
        label_visibility="collapsed",
    )
    _title, draw_experiment = experiments[name]
    draw_experiment(run_view)


def _draw_code(_run_view: RunView) -> None:
    """Show code that has no effect or fails, with its output."""
    for title, code in (
        (
            _(
                "**More backward passes do not train the network**: `backward()` only computes and accumulates "
                "gradients. The update changes the weights. Even many updates may not reach the minimum."
            ),
            demonstrations.many_backward_passes,
        ),
        (
            _(
                "**A `backward` method in an `nn.Module`** does not replace the backward pass: PyTorch never calls "
                "it. For a custom backward pass, write a `torch.autograd.Function` (see the code of implementation 3)."
            ),
            demonstrations.override_backward,
        ),
        (
            _("**An `nn.Module` that gets weights as arguments** has no parameters, so an optimizer cannot train it."),
            demonstrations.module_without_parameters,
        ),
        (
            _("**`Variable`** has had no effect since PyTorch 0.4: a tensor with `requires_grad` is enough."),
            demonstrations.wrap_in_variable,
        ),
        (
            _(
                "**`.cuda()` without a check** fails on a computer without a CUDA GPU. Choose the device once, and "
                "move both the model and the data to it."
            ),
            demonstrations.choose_device,
        ),
    ):
        st.markdown(title)
        source.show(source.source(code))
        st.code(code(), language=None)
