"""The "Race" view: optimizers compared at many learning rates."""

import streamlit as st

from core.engine import Run
from core.topics.optimizer_race import label_noise
from core.topics.optimizer_race.config import OptimizerRaceConfig
from core.topics.optimizer_race.topic import TOPIC
from core.training.batched.results import Results, VariantResult
from pages.components.run.controls import Settings
from pages.components.run.fragments import tabs
from pages.components.run.panel import RunPanel
from pages.components.run.run_view import RunView
from pages.components.text import _, lesson, number
from pages.optimizers import comparison, labels, rules, selection


def draw() -> None:
    """Draw the "Race" view."""
    settings = Settings(TOPIC.name, TOPIC.presets, view="optimizer_race")
    settings.shown = selection.follow_address(key=TOPIC.name)
    panel = RunPanel(settings, TOPIC, titles=labels.race_presets(), waits=True)
    panel.draw(
        draw_settings=lambda: _draw_first_settings(settings, panel),
        draw_more_settings=lambda: _draw_more_settings(settings),
        draw_main=lambda run_view, previous: _draw_race(run_view, previous, asks=not panel.is_live()),
        draw_charts=_draw_details,
        draw_tabs=lambda: _draw_tabs(panel),
    )


def _draw_first_settings(settings: Settings, panel: RunPanel) -> None:
    settings.choose_preset(labels.race_presets(), on_choice=panel.preset_chosen)
    settings.draw_all(
        "optimizers",
        "learning_rate",
        "epochs",
        "noise",
        "seeds",
        options={"optimizers": {name: label for name, label in labels.optimizers().items() if name != "lbfgs"}},
    )


def _draw_more_settings(settings: Settings) -> None:
    settings.draw_all(
        "rates",
        "rates_per_decade",
        "extend",
        "samples",
        "batch_size",
        "seed",
        "hidden_size",
        "full_size",
        "data",
        "momentum",
        "beta1",
        "beta2",
        "weight_decay",
        options={"data": comparison.data_labels()},
    )


def _draw_race(run_view: RunView, previous: Run | None, *, asks: bool) -> None:
    """Draw the curves and the heat map. With ``asks``, a recording first asks which optimizer will win."""
    results = comparison.results_of(run_view)
    if results is None:
        return
    choice = selection.chosen(results, key=TOPIC.name)
    rate = selection.common_rate(choice)
    comparison.draw_headline(run_view, rate, key="race")
    curves, sensitivity = st.columns([1.25, 1], gap="medium")
    asks = run_view.recorded and asks
    with curves:
        if asks:
            _draw_question()
        with st.container(key="upper"):
            comparison.draw_curves(results, results.ranking(rate), choice, run_view, previous, key=TOPIC.name)
    with sensitivity, st.container(key="lower"):
        comparison.draw_grid(results, run_view, choice, key=TOPIC.name, asks_for_winner=asks)


def _draw_question() -> None:
    """Draw the text that replaces the curves until the user has guessed. The heat map has the buttons for the guess."""
    with st.container(key="guess"):
        st.markdown(
            _(
                "**Guess first**\n\nEach optimizer trains the same network, with the same data and the same initial "
                "weights, at several learning rates.\n\nClick the optimizer that you expect to win, and watch the "
                "race."
            )
        )


def _draw_details(run_view: RunView, _previous: Run | None) -> None:
    """Draw the table, the remarks, and the accuracy."""
    config = run_view.config
    results = comparison.results_of(run_view)
    if results is None:
        return
    ranking = results.ranking(selection.common_rate(selection.chosen(results, key=TOPIC.name)))
    with st.container(key="details"):
        table, accuracy = st.columns([1.25, 1], gap="large")
        with table:
            _draw_ranking(config, ranking)
            _draw_remarks(config, results)
        with accuracy:
            comparison.draw_accuracy(results, ranking, run_view, key=TOPIC.name)


def _draw_ranking(config: OptimizerRaceConfig, ranking: list[VariantResult]) -> None:
    optimizer_labels = labels.optimizers()
    header = [_("optimizer"), _("learning rate"), comparison.validation_loss_label(config)]
    header += [_("test accuracy")] if config.data == "digits" else []
    rows = []
    for result in ranking:
        rate = number(result.learning_rate)
        row = [
            optimizer_labels[result.variant],
            _("{rate} (end of range)").format(rate=rate) if result.at_range_end else rate,
            comparison.validation_loss_text(result),
        ]
        if config.data == "digits":
            row.append(comparison.test_accuracy_text(result))
        rows.append(row)
    comparison.draw_table(header, rows)
    st.caption(
        _(
            "Losses and accuracies are medians across seeds. The validation loss is the mean of the last five "
            "measurements on 2,000 digits. The best learning rate is the one with the lowest validation loss. The "
            "test set is not used for any choice."
        )
        if config.data == "digits"
        else _(
            "The best learning rate is the one with the lowest training loss. A validation loss is not meaningful "
            "for random targets, because these targets cannot be predicted."
        )
    )


def _draw_remarks(config: OptimizerRaceConfig, results: Results) -> None:
    optimizer_labels, remarks = labels.optimizers(), []
    at_range_end = [optimizer_labels[name] for name in config.optimizers if results.at_range_end(name)]
    if at_range_end:
        remarks.append(
            _(
                "Best learning rate at one end of the range: {optimizers}. A better learning rate may be outside the "
                "range."
            ).format(optimizers=", ".join(at_range_end))
        )
    extended = [optimizer_labels[name] for name in config.optimizers if results.was_extended(name)]
    if extended:
        remarks.append(
            _("Range extended: {optimizers}. Additional networks were trained for these optimizers.").format(
                optimizers=", ".join(extended)
            )
        )
    if config.adamw_equals_adam:
        remarks.append(_("Without weight decay, AdamW is identical to Adam, so the AdamW line is dashed."))
    if config.sgd_equals_gd:
        remarks.append(_("Each batch contains all training data, so GD and SGD are identical. The SGD line is dashed."))
    if config.seeds == 1:
        remarks.append(_("With one seed, small differences may be due to chance."))
    remarks += _label_noise_remarks(results)
    remarks.append(
        _(
            "Networks: optimizers × learning rates × seeds = {optimizers} × {rates} × {seeds} = {networks}. "
            "Parameters per network: {parameters:,}. All networks with the same seed have the same initial weights, "
            "and all networks get the same batches. Lines are medians across seeds. Bands show the range across seeds. "
            "The sign ≈ means that the ranges of losses across seeds overlap, so other seeds may reverse the order."
        ).format(
            networks=config.n_networks,
            parameters=config.n_weights,
            optimizers=len(config.optimizers),
            rates=config.rates,
            seeds=config.seeds,
        )
    )
    remarks.append(
        _(
            "L-BFGS is not in the race, because its line search needs the loss on all training data several times per "
            "step. GD makes one update per epoch, with the full-batch gradient. Muon updates only the first weight "
            "matrix, with its own momentum (0.95), and AdamW updates the other parameters. Muon's authors recommend it "
            "for the hidden layers of deeper networks."
        )
    )
    for remark in remarks:
        st.caption(remark)


def _label_noise_remarks(results: Results) -> list[str]:
    """Return remarks on the random labels: how many are wrong, and whether networks have memorized them."""
    noise, samples = results.config.noise, results.config.samples
    if not noise:
        return []
    losses = label_noise.last_epoch_losses(results)
    remarks = [
        _(
            "Only about {fraction:.0%} of the training labels are wrong, because some random labels are correct by "
            "chance."
        ).format(fraction=label_noise.wrong_label_fraction(noise))
    ]
    if losses:
        figures = {
            "lowest": number(min(losses.values())),
            "limit": f"{label_noise.loss_without_memorization(noise):.2f}",
        }
        memorizing = label_noise.memorizing_optimizers(losses, noise, samples)
        remarks.append(
            _(
                "Lowest mean training loss in the last epoch: {lowest}. A network that has memorized nothing has an "
                "expected loss of at least {limit}. Optimizers whose networks have memorized random labels: "
                "{optimizers}."
            ).format(optimizers=", ".join(labels.optimizers()[name] for name in memorizing), **figures)
            if memorizing
            else _(
                "Lowest mean training loss in the last epoch: {lowest}. A network that has memorized nothing has an "
                "expected loss of at least {limit}. So the losses give no evidence that any network has memorized "
                "random labels."
            ).format(**figures)
        )
    return remarks


def _draw_tabs(panel: RunPanel) -> None:
    tabs(
        {
            "lesson": lambda: lesson("optimizers"),
            "rules_as_code": lambda: rules.draw(panel.run_view().config.optimizers),
            "export": lambda: comparison.draw_export(panel),
        },
        titles={"rules_as_code": _("Update rules as code")},
        key=f"{TOPIC.name}.tab",
    )
