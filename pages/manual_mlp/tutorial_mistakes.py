"""The tab with the tutorial's mistakes in its chapters on this network: each one is a small experiment."""

from collections.abc import Callable

import streamlit as st

from core.topics.manual_mlp import demonstrations
from pages.components import source
from pages.components.run.run_view import RunView
from pages.components.text import _
from pages.manual_mlp import mistakes_in_comparisons, mistakes_in_scale, mistakes_in_training


def draw(run_view: RunView) -> None:
    """Draw the experiment on the title mistake."""
    experiments: dict[str, Callable[[RunView], None]] = {
        _("A wrong gradient can have a falling loss"): mistakes_in_training.gradient,
        _("“The loss keeps falling”"): mistakes_in_training.rising_loss,
        _("Forgetting zero_grad()"): mistakes_in_training.zero_grad,
        _("Initial weights that are too large"): mistakes_in_scale.initialization,
        _("Sum or mean of squared errors"): mistakes_in_scale.sum_or_mean,
        _("A small error that means nothing"): mistakes_in_comparisons.fresh_data,
        _("“Autograd gives a better result”"): mistakes_in_comparisons.other_weights,
        _("“Adam wins”"): mistakes_in_comparisons.adam,
        _("Code without effect"): _draw_no_effect,
    }
    title = st.pills(
        _("Mistake"),
        list(experiments),
        default=next(iter(experiments)),
        required=True,
        key="manual_mlp.mistake",
        label_visibility="collapsed",
    )
    experiments[title](run_view)


def _draw_no_effect(_run_view: RunView) -> None:
    for title, code in (
        (
            _(
                "**Overriding `nn.Module.backward`** does not replace the backward pass: PyTorch never calls it. A "
                "custom backward pass is a `torch.autograd.Function` (see the code of implementation 3)."
            ),
            demonstrations.override_backward,
        ),
        (
            _("**A Module that gets its weights as arguments** has no parameters, so an optimizer cannot train it."),
            demonstrations.module_without_parameters,
        ),
        (
            _("**`Variable`** has done nothing since PyTorch 0.4: a tensor with `requires_grad` is enough."),
            demonstrations.wrap_in_variable,
        ),
    ):
        st.markdown(title)
        source.show(source.source(code))
        st.code(code(), language=None)
