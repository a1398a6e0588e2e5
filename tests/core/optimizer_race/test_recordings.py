"""Statements of the lesson on optimizers, checked with the recordings of the race and of the schedules."""

from itertools import pairwise
from pathlib import Path

import pytest

from core.engine import RunStore
from core.topics.optimizer_race.label_noise import (
    last_epoch_losses,
    loss_without_memorization,
    memorizing_optimizers,
    wrong_label_fraction,
)
from core.training.batched.results import Results

CHECKPOINTS = Path(__file__).parents[3] / "checkpoints"


def results_of(recording: str) -> Results:
    run = RunStore(CHECKPOINTS).load(recording)
    return Results.from_events(run.config, run.history())


def test_best_learning_rates_differ_and_the_best_results_are_close():
    results = results_of("optimizer_race-digits")
    assert (results.best_learning_rate("sgd"), results.best_learning_rate("adam")) == (0.3, 0.01)
    ranking = results.ranking()
    assert ranking[-1].validation_loss < 1.1 * ranking[0].validation_loss
    overlaps = [worse.overlaps(better) for better, worse in pairwise(ranking)]
    assert sum(overlaps) > len(overlaps) / 2
    orders = {tuple(result.variant for result in results.ranking(rate)) for rate in results.config.learning_rates}
    assert len(orders) > 1
    for optimizer in results.config.optimizers:
        losses = [results.validation_loss(optimizer, rate) for rate in results.learning_rates(optimizer)]
        assert max(losses) > 1.2 * min(losses)


def test_with_a_fifth_of_the_updates_muon_is_better_than_momentum_for_every_seed():
    results, digits = results_of("optimizer_race-everybody"), results_of("optimizer_race-digits")
    assert 5 * results.config.updates == digits.config.updates
    by_optimizer = {result.variant: result for result in results.ranking()}
    assert by_optimizer["muon"].highest_loss < by_optimizer["momentum"].lowest_loss
    spread = by_optimizer["momentum"].validation_loss - by_optimizer["muon"].validation_loss
    ranking = digits.ranking()
    assert spread > ranking[-1].validation_loss - ranking[0].validation_loss


def test_no_optimizer_is_shown_to_memorize_the_random_labels():
    results = results_of("optimizer_race-noise")
    assert wrong_label_fraction(results.config.noise) == pytest.approx(0.45)
    losses = last_epoch_losses(results)
    assert losses.keys() == set(results.config.optimizers)
    assert min(losses.values()) > loss_without_memorization(results.config.noise)
    assert memorizing_optimizers(losses, results.config.noise, results.config.samples) == []


def test_gd_hardly_moves_in_an_epoch():
    results = results_of("optimizer_race-everybody")
    before = results.curve("gd", results.best_learning_rate("gd"), "validation_loss").median[0]
    ranking = results.ranking()
    assert ranking[-1].variant == "gd"
    assert before - ranking[-1].validation_loss < 0.1 * (before - ranking[-2].validation_loss)


def test_random_targets_are_fitted_by_gd_too_and_best_by_adagrad():
    results = results_of("optimizer_race-tutorial")
    assert (results.config.seeds, results.config.rates_per_decade) == (1, 1)
    assert results.validation_loss("gd", 1e-4) > 0.9
    assert results.validation_loss("adam", 1e-4) < 1e-4
    assert results.validation_loss("gd", 0.1) < 1e-4
    first, *others = results.ranking()
    assert first.variant == "adagrad"
    assert first.validation_loss < 1e-10 < min(result.validation_loss for result in others)


@pytest.mark.parametrize("recording", ["lr_schedules-digits", "lr_schedules-adam"])
def test_cosine_and_one_cycle_use_higher_learning_rates_and_constant_wins_at_the_lowest(recording):
    results = results_of(recording)
    best = results.best_learning_rates()
    assert min(best["cosine"], best["onecycle"]) > best["constant"]
    assert results.ranking(min(results.config.learning_rates))[0].variant == "constant"
