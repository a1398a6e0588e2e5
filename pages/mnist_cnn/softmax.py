"""Softmax and cross-entropy of ten logits, with a slider for each logit."""

import streamlit as st
import torch
from torch import Tensor

from pages.components.charts import bars
from pages.components.inputs.digit_input import DigitImage
from pages.components.text import _, number

_RANGE = 30.0
"""The largest absolute value of the logit sliders."""


def draw(logits: Tensor, image: DigitImage) -> None:
    """Draw sliders that start at the logits (10,) of an image, and the resulting probabilities and cross-entropy."""
    st.markdown(
        _(
            "The last layer outputs ten numbers, the **logits**. Softmax turns the logits into probabilities: $p_i = "
            "e^{z_i} / \\sum_j e^{z_j}$. The prediction is the digit with the largest probability (**argmax**). The "
            "**cross-entropy** is $-\\log p$, where $p$ is the probability of the correct digit. Change a logit: all "
            "ten probabilities change, because they always sum to 100%."
        )
    )
    own_logits = tuple(round(float(value), 1) for value in logits.clamp(-_RANGE, _RANGE))
    # The sliders lose their values while another tab is open
    if st.session_state.get("mnist_cnn.logits") != own_logits or "mnist_cnn.logit.0" not in st.session_state:
        st.session_state["mnist_cnn.logits"] = own_logits
        st.session_state["mnist_cnn.label"] = image.label if image.label is not None else int(logits.argmax())
        _set_sliders(own_logits)
    sliders, result = st.columns([1.2, 1], gap="large")
    with sliders:
        for start in (0, 5):
            for digit, column in zip(range(start, start + 5), st.columns(5), strict=True):
                column.slider(f"z {digit}", -_RANGE, _RANGE, step=0.1, key=f"mnist_cnn.logit.{digit}")
        st.button(
            _("Back to the network's logits"), key="mnist_cnn.own_logits", on_click=_set_sliders, args=(own_logits,)
        )
    moved = torch.tensor([st.session_state[f"mnist_cnn.logit.{digit}"] for digit in range(10)])
    with result:
        label = st.selectbox(_("Correct digit"), range(10), key="mnist_cnn.label")
        probabilities = moved.softmax(dim=0)
        bars.columns(
            {str(digit): float(value) for digit, value in enumerate(probabilities)},
            y=_("probability"),
            key="mnist_cnn.softmax",
            alt=_("Softmax of the ten logits"),
            height=180,
        )
        st.markdown(
            _("Cross-entropy: $-\\log({probability})$ = **{loss}**").format(
                probability=number(float(probabilities[label])), loss=number(float(-moved.log_softmax(dim=0)[label]))
            )
        )


def _set_sliders(logits: tuple[float, ...]) -> None:
    for digit, value in enumerate(logits):
        st.session_state[f"mnist_cnn.logit.{digit}"] = value
