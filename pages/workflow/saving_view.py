"""Saving and loading a network: the state dict, two file formats, and mistakes whose outcome the user guesses."""

import streamlit as st

from core.topics.workflow import saving
from core.topics.workflow.saving import OUTCOMES, Outcome, Result
from pages.components import source, tables
from pages.components.charts import line_chart
from pages.components.text import _, number, pgettext

_ROUND_TRIPS = ("save_and_load", "save_and_load_safetensors")


@st.cache_data(show_spinner=False)
def _result(name: str) -> Result:
    return saving.run(name)


@st.cache_data(show_spinner=False)
def _entries() -> list[saving.Entry]:
    return saving.example_entries()


def draw() -> None:
    """Draw the state dict of a small network, its round trips through two file formats, and the guessing game."""
    st.subheader(_("The state dict: a dictionary of tensors"))
    _draw_state_dict()
    st.subheader(_("Save, load, and prove it"))
    _draw_round_trips()
    st.subheader(_("What goes wrong? Guess first"))
    _draw_experiments()


def _draw_state_dict() -> None:
    table, code = st.columns([1.6, 1], gap="medium")
    with table:
        header = [_("name"), _("shape"), _("values"), _("kind"), _("type"), _("first values")]
        tables.show(header, list(map(_row, _entries())), numeric=[2])
    with code:
        source.show(source.source(saving.network), title=_("The network"))
        st.caption(
            _(
                "The optimizer changes the parameters. Buffers, such as the running mean of batch norm, are saved too. "
                "The state dict contains no code: to load it, create the network first."
            )
        )


def _row(entry: saving.Entry) -> list[str]:
    kind = _("parameter") if entry.is_parameter else _("buffer")
    first = ", ".join(map(number, entry.first)) + (", …" if entry.count > len(entry.first) else "")
    return [entry.name, str(entry.shape), f"{entry.count:,}", kind, entry.dtype, first]


def _draw_round_trips() -> None:
    titles = {"save_and_load": "torch.save", "save_and_load_safetensors": "safetensors"}
    for column, name in zip(st.columns(2, gap="medium"), _ROUND_TRIPS, strict=True):
        with column:
            result = _result(name)
            source.show(source.source(saving.EVALUATIONS[name]), title=titles[name])
            if result.outcome == "identical":
                st.success(
                    _("The outputs for {count} test digits are identical. Largest difference: {difference}.").format(
                        count=saving.N_TESTED, difference=number(result.difference)
                    ),
                    icon=":material/check:",
                )
    st.caption(
        _(
            'Here, the file is in memory. With a file name, `torch.save(model.state_dict(), "model.pt")` writes it to '
            "the disk. With `weights_only=True`, the default, `torch.load` reads tensors, but runs no code from the "
            "file. A safetensors file never contains code."
        )
    )


def _draw_experiments() -> None:
    titles = _titles()
    name = st.pills(
        _("Experiment"),
        list(titles),
        format_func=titles.__getitem__,
        default=next(iter(titles)),
        required=True,
        key="workflow.saving.experiment",
        label_visibility="collapsed",
    )
    code, guess = st.columns(2, gap="medium")
    experiment = (saving.EVALUATIONS | saving.CONTINUATIONS)[name]
    with code:
        source.show(source.source(experiment))
        if name in saving.CONTINUATIONS:
            with st.expander(_("The training loop")):
                source.show(source.source(saving.train))
    with guess:
        outcomes = _outcomes()
        guessed = st.radio(
            _("What happens?"),
            OUTCOMES,
            index=None,
            format_func=outcomes.__getitem__,
            key=f"workflow.saving.guess.{name}",
        )
        has_run = st.session_state.setdefault("workflow.saving.has_run", {})
        if st.button(
            pgettext("button", "Run it"),
            icon=":material/play_arrow:",
            type="primary",
            disabled=guessed is None,
            help=_("Guess first.") if guessed is None else None,
            key=f"workflow.saving.run.{name}",
        ):
            has_run[name] = guessed
    if name in has_run:
        _draw_result(name, has_run[name])


def _draw_result(name: str, guessed: Outcome) -> None:
    """Show what happened in an experiment, and whether the guess was correct."""
    result, outcomes = _result(name), _outcomes()
    if guessed == result.outcome:
        st.success(_("Your guess was correct: {outcome}").format(outcome=outcomes[result.outcome]))
    else:
        st.warning(
            _("You guessed: {guess} What happened: {outcome}").format(
                guess=outcomes[guessed], outcome=outcomes[result.outcome]
            )
        )
    if result.message:
        st.code(result.message, language=None, wrap_lines=True)
    if result.accuracies:
        saved, loaded = result.accuracies
        st.markdown(
            _(
                "Largest difference between the outputs: **{difference}**. Accuracy on {count} test digits: "
                "{saved:.1%} before saving, **{loaded:.1%}** after loading."
            ).format(difference=number(result.difference), count=saving.N_TESTED, saved=saved, loaded=loaded)
        )
    uninterrupted, continued = result.losses
    if continued:
        _draw_losses(uninterrupted, continued, result.n_before)
    st.markdown(_meanings()[name])


def _draw_losses(uninterrupted: list[float], continued: list[float], n_before: int) -> None:
    shown = n_before // 2  # the first losses are much larger
    line_chart.draw(
        {
            "uninterrupted": list(enumerate(uninterrupted, 1))[shown:],
            "continued": list(enumerate(continued, n_before + 1)),
        },
        titles={"uninterrupted": _("uninterrupted training"), "continued": _("saved, loaded, and continued")},
        dashed=["continued"],
        marks=[(n_before + 0.5, _("saved and loaded"))],
        x=_("update"),
        y=_("loss"),
        key="workflow.saving.losses",
        alt=_("The losses of uninterrupted training, and of training that was continued after loading"),
    )
    differences = [abs(before - after) for before, after in zip(uninterrupted[n_before:], continued, strict=True)]
    st.markdown(
        _(
            "First loss after loading: {continued} (uninterrupted: {uninterrupted}). Largest difference in {count} "
            "updates: **{difference}**."
        ).format(
            continued=number(continued[0]),
            uninterrupted=number(uninterrupted[n_before]),
            count=len(continued),
            difference=number(max(differences)),
        )
    )


def _titles() -> dict[str, str]:
    return {
        "missing_key": _("A missing key"),
        "missing_key_not_strict": _("A missing key, strict=False"),
        "wrong_shape": _("A wrong shape"),
        "without_eval": _("Without eval()"),
        "whole_model": _("The whole model"),
        "without_optimizer": _("Continue without the optimizer's state"),
        "with_optimizer": _("Continue with the optimizer's state"),
    }


def _outcomes() -> dict[Outcome, str]:
    return {
        "identical": _("Everything is as before saving."),
        "error": _("PyTorch raises an error."),
        "other_outputs": _("No error, but the outputs are different."),
        "other_losses": _("The outputs are the same at first, but the later losses are different."),
    }


def _meanings() -> dict[str, str]:
    return {
        "missing_key": _(
            "`load_state_dict` compares the names in the state dict with those of the network. By default, each name "
            "must be in both. The message lists the missing and the unexpected names."
        ),
        "missing_key_not_strict": _(
            "With `strict=False`, missing names are skipped **without an error**. The last layer keeps its random "
            "initial weights, so the network guesses. `load_state_dict` returns the missing names: read them."
        ),
        "wrong_shape": _(
            "The message names each tensor, its shape in the file (*checkpoint*), and its shape in the network "
            "(*current model*). `strict=False` does not help: it skips missing names, but not wrong shapes. Create the "
            "network with the same sizes as before saving."
        ),
        "without_eval": _(
            "A new network is in training mode. Batch norm then uses the mean and the standard deviation of the batch, "
            "so the output for a digit depends on the other digits. Dropout would switch off random units. The "
            "accuracy can look normal, so this mistake is easy to miss. Call `eval()` before each evaluation."
        ),
        "whole_model": _(
            "`torch.save(model)` saves the Python object as a pickle, which refers to classes. Unpickling can run any "
            "code, so `weights_only=True` refuses it. The message suggests ways around this check. The safe way is to "
            "save `model.state_dict()`."
        ),
        "without_optimizer": _(
            "The weights are the same, so the first loss is the same. But Adam's averages of the gradients start again "
            "at zero, so the next updates are different. To continue training, save the optimizer's state dict too."
        ),
        "with_optimizer": _(
            "With the state of the optimizer, training continues exactly as if it had not been interrupted. If the "
            "order of the batches or dropout is random, the state of the random generator must be saved too."
        ),
    }
