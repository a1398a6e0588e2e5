"""The label-efficiency study: the choice of learning rates, comparisons, and the recorded studies."""

from collections.abc import Iterator

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from core.engine import RunStore
from core.paths import CHECKPOINTS, ROOT
from core.topics.transfer_learning.config import PAIRS, STRATEGIES, TransferConfig
from core.topics.transfer_learning.data import held_out_samples, labelled_samples
from core.topics.transfer_learning.label_efficiency import config as study_config
from core.topics.transfer_learning.label_efficiency import train as study_train
from core.topics.transfer_learning.label_efficiency.config import (
    CONTROLS,
    LEARNING_RATES,
    PRESETS,
    VARIANTS,
    LabelEfficiencyConfig,
)
from core.topics.transfer_learning.label_efficiency.config import variants as variants_of
from core.topics.transfer_learning.label_efficiency.results import (
    LabelEfficiency,
    compare,
    holm,
    is_studied,
    paired_p_value,
    significant_cells,
)
from core.topics.transfer_learning.label_efficiency.train import train, train_networks
from core.topics.transfer_learning.model import accuracy
from core.topics.transfer_learning.pretraining.train import pretrained_weights
from core.topics.transfer_learning.train import N_TESTED, StrategyTrainer
from core.training.progress import run_to_end
from core.training.timing import threads

SEEDS = 3
LESSON = " ".join((ROOT / "pages/transfer_learning/lesson.en.md").read_text(encoding="utf-8").split())


def study_of(means: dict[int, dict[str, float]], spread: float = 0.01) -> LabelEfficiency:
    """Return a study with these mean accuracies, by number of labels and variant."""
    metrics = {}
    for count, by_variant in means.items():
        for variant, mean in by_variant.items():
            metrics |= {f"{count}/{variant}/{number}": mean + spread * (number - 1) for number in range(SEEDS)}
    return LabelEfficiency(LabelEfficiencyConfig(pair="other_digits", seeds=SEEDS), metrics)


@pytest.fixture
def two_counts(monkeypatch):
    monkeypatch.setattr(study_config, "LABEL_COUNTS", (1, 10))


def test_the_labels_needed_lie_between_two_numbers_of_the_study(two_counts):
    study = study_of({1: {"scratch": 0.5}, 10: {"scratch": 0.8}})
    assert study.labels_needed("scratch", 0.65) == (1, 10)
    assert study.labels_needed("scratch", 0.4) == (None, 1)
    assert study.labels_needed("scratch", 0.9) == (10, None)


def test_gains_are_over_scratch_or_over_another_variant(two_counts):
    study = study_of({1: {"scratch": 0.5, "frozen": 0.7, "random": 0.3}})
    np.testing.assert_allclose(study.gains("frozen", 1), 0.2)
    np.testing.assert_allclose(study.gains("frozen", 1, over="random"), 0.4)


def test_a_control_trains_the_same_layers_without_the_source():
    """All but frozen random features: their control is training from scratch."""
    config = TransferConfig()
    for variant, control in CONTROLS.items():
        (strategy, n_transferred), (other, n_random) = VARIANTS[variant], VARIANTS[control]
        assert other in ("scratch", "random")
        if strategy != "random":
            assert trained_layers(config, strategy, n_transferred) == trained_layers(config, other, n_random)


def trained_layers(config: TransferConfig, strategy: str, n_transferred: int) -> set[str]:
    """Return the names of the layers that a strategy trains."""
    settings = config.changed(n_transferred=n_transferred, labels=1)
    batch = labelled_samples(settings.target, 1, seed=0)
    network = StrategyTrainer(settings, strategy, 0, batch, pretrained_weights(settings.source)).network
    return {name.split(".")[0] for name, value in network.named_parameters() if value.requires_grad}


@pytest.fixture
def small_study(monkeypatch):
    """Two labels per class, short trainings, and a learning rate that is far too small beside a good one."""
    monkeypatch.setattr(study_config, "LABEL_COUNTS", (2,))
    monkeypatch.setattr(study_config, "MIN_UPDATES", 20)
    monkeypatch.setattr(study_train, "LEARNING_RATES", (1e-6, 0.003))
    monkeypatch.setattr(study_train, "MAX_VALIDATION_SAMPLES", 20)
    monkeypatch.setattr(study_train, "N_TESTED", 500)


@pytest.mark.usefixtures("small_study")
def test_the_learning_rate_with_the_best_validation_accuracy_is_chosen():
    events = []
    model = run_to_end(train(LabelEfficiencyConfig(threads=1, seeds=2)), events.append)
    assert [(event.step, event.total) for event in events] == [(0, 1), (1, 1)]
    assert {model.metrics[f"2/{variant}/rate"] for variant in VARIANTS} == {0.003}
    accuracies = [[model.metrics[f"2/{variant}/{number}"] for number in range(2)] for variant in VARIANTS]
    np.testing.assert_allclose(model.weights["accuracies"][0], accuracies)
    assert np.mean(accuracies) > 0.4


def test_only_the_tuning_seeds_train_at_every_learning_rate(small_study, monkeypatch):
    monkeypatch.setattr(study_train, "VARIANTS", {"frozen": VARIANTS["frozen"]})
    trained = []

    def record(config, *arguments, first=0):
        trainers = train_networks(config, *arguments, first=first)
        trained.extend((config.learning_rate, trainer.seed) for trainer in trainers)
        return trainers

    monkeypatch.setattr(study_train, "train_networks", record)
    model = run_to_end(train(LabelEfficiencyConfig(threads=1, seeds=3, tuning_seeds=1)), lambda _event: None)
    assert trained == [(1e-6, 0), (0.003, 0), (0.003, 1), (0.003, 2)]
    assert {name for name in model.metrics if not name.endswith("rate")} == {f"2/frozen/{seed}" for seed in range(3)}


def test_holms_method_compares_the_smallest_p_value_with_the_level_divided_by_the_number_of_tests():
    assert holm([0.01, 0.04, 0.03, 0.005], level=0.05) == [True, False, False, True]
    assert holm([0.04, 0.04], level=0.05) == [False, False]
    assert holm([0.02, 0.04], level=0.05) == [True, True]


def test_the_paired_test_is_a_t_test_of_the_differences():
    random = np.random.default_rng(0)
    first, second = random.normal(0.8, 0.1, 12), random.normal(0.75, 0.1, 12)
    assert paired_p_value(first, second) == pytest.approx(ttest_1samp(first - second, 0).pvalue)
    assert paired_p_value(first, first) == paired_p_value(first[:1], second[:1]) == 1


def test_only_differences_larger_than_chance_are_significant(two_counts):
    """With twelve seeds, a clear difference is found among 12 cells, and noise is not."""
    random = np.random.default_rng(1)
    metrics = {
        f"{count}/{variant}/{seed}": 0.5 + 0.3 * (variant == "frozen") + random.normal(0, 0.02)
        for count in (1, 10)
        for variant in VARIANTS
        for seed in range(12)
    }
    study = LabelEfficiency(LabelEfficiencyConfig(pair="other_digits"), metrics)
    significant, n_cells = significant_cells({"other_digits": study})
    assert significant == {("other_digits", "frozen", 1), ("other_digits", "frozen", 10)}
    assert n_cells == 12
    few = LabelEfficiency(LabelEfficiencyConfig(pair="other_digits", seeds=1), metrics)
    assert significant_cells({"other_digits": few}) == (set(), 12)


@pytest.mark.parametrize(("count", "updates"), [(1, 300), (10, 300), (100, 320), (200, 640)])
def test_every_number_of_labels_has_enough_updates(count, updates):
    config = LabelEfficiencyConfig().transfer_config(count, 0.003, "frozen")
    assert (config.labels, config.n_transferred) == (count, 2)
    assert config.updates >= updates
    assert config.epochs >= 20
    assert LabelEfficiencyConfig().transfer_config(count, 0.003, "frozen_hidden").n_transferred == 3


@pytest.mark.parametrize("n_transferred", [1, 2, 3])
def test_each_strategy_has_a_variant_with_the_transferred_layers(n_transferred):
    by_strategy = variants_of(n_transferred)
    assert tuple(by_strategy) == STRATEGIES
    assert by_strategy.pop("scratch") == "scratch"
    for strategy, variant in by_strategy.items():
        assert VARIANTS[variant] == (strategy, max(2, n_transferred))


def test_a_comparison_takes_the_better_strategy(two_counts):
    study = study_of(
        {
            1: {"scratch": 0.5, "frozen": 0.6, "fine_tuned": 0.55, "random": 0.3},
            10: {"scratch": 0.8, "frozen": 0.7, "fine_tuned": 0.9, "random": 0.4},
        }
    )
    few = compare(study, 1, 2)
    assert few.accuracies == pytest.approx({"scratch": 0.5, "frozen": 0.6, "fine_tuned": 0.55, "random": 0.3})
    assert (few.best, few.labels_from_scratch, few.seeds_disagree) == ("frozen", (1, 10), False)
    assert few.seed_gains == pytest.approx((0.1, 0.1))
    many = compare(study, 10, 2)
    assert (many.best, many.labels_from_scratch) == ("fine_tuned", (10, None))


@pytest.mark.parametrize("count", PRESETS["other_digits"].label_counts)
def test_the_mean_gain_lies_in_the_range_of_the_seeds(count):
    for pair in PAIRS:
        study = recorded(pair)
        if count in study.label_counts:
            comparison = compare(study, count, 2)
            gain = comparison.accuracies[comparison.best] - comparison.accuracies["scratch"]
            assert comparison.seed_gains[0] <= gain <= comparison.seed_gains[1]


def test_seeds_disagree_where_their_gains_have_two_signs(two_counts):
    study = study_of({1: dict.fromkeys(("scratch", "frozen", "fine_tuned", "random"), 0.5)})
    study._metrics |= {"1/frozen/0": 0.7, "1/frozen/1": 0.4}
    study.label_counts = (1,)
    comparison = compare(study, 1, 2)
    assert comparison.seed_gains == pytest.approx((-0.1, 0.21))
    assert comparison.seeds_disagree


@pytest.mark.parametrize(
    ("changes", "studied"),
    [
        ({"learning_rate": 0.01, "epochs": 3}, True),
        ({"n_transferred": 3}, True),
        ({"n_transferred": 1}, False),
        ({"noise": 0.1}, False),
        ({"shifts": 1}, False),
        ({"pretrained_lr_multiplier": 1.0}, False),
        ({"n_frozen": 1}, False),
    ],
)
def test_which_settings_the_study_covers(changes, studied):
    assert is_studied(TransferConfig(**changes)) is studied


# ---- The recorded studies


def recorded(pair: str) -> LabelEfficiency:
    run = RunStore(CHECKPOINTS).load(f"transfer_learning.label_efficiency-{pair}")
    assert run.config == PRESETS[pair]
    return LabelEfficiency(run.config, run.metrics)


@pytest.mark.parametrize(("pair", "variant"), [("other_digits", "scratch"), ("digits_to_fashion", "fine_tuned_hidden")])
def test_a_recorded_study_has_the_accuracies_of_its_networks(pair, variant):
    """Retrain the first seed with ten labels at the chosen learning rate. For frozen networks see test_recordings."""
    study, (source, target) = recorded(pair), PAIRS[pair]
    config = PRESETS[pair].transfer_config(10, study.best_learning_rate(variant, 10), variant)
    with threads(1):
        (trainer,) = train_networks(config, variant, pretrained_weights(source), [labelled_samples(target, 10, seed=0)])
        measured = accuracy(trainer.network, *held_out_samples(target, N_TESTED, noise=0.0))
    assert measured == pytest.approx(study.accuracies(variant, 10)[0], abs=0.02)


def test_transfer_to_other_digits_saves_more_than_half_of_the_labels():
    """The gain is at least 5 points with 5 and 10 labels per class, over tuned networks from scratch."""
    study = recorded("other_digits")
    for count in (5, 10):
        reached = study.accuracies("frozen", count).mean()
        assert reached > study.accuracies("scratch", count).mean() + 0.05
        assert study.labels_needed("scratch", reached)[0] >= 2 * count


def cells() -> Iterator[tuple[str, int, LabelEfficiency]]:
    """Yield each pair and number of labels, with the recorded study of the pair."""
    for pair in PAIRS:
        study = recorded(pair)
        yield from ((pair, count, study) for count in study.label_counts)


@pytest.fixture(scope="module")
def significant_gains() -> dict[tuple[str, str, int], float]:
    """The significant mean gains of the transfer strategies over their controls."""
    studies = {pair: recorded(pair) for pair in PAIRS}
    return {
        (pair, variant, count): float(studies[pair].gains(variant, count, over=CONTROLS[variant]).mean())
        for pair, variant, count in significant_cells(studies)[0]
        if variant not in ("random", "random_hidden")
    }


def test_the_studies_have_twelve_seeds():
    assert {recorded(pair).seeds for pair in PAIRS} == {12}
    assert "a paired t-test with twelve seeds" in LESSON


@pytest.mark.parametrize("variant", ["fine_tuned_hidden", "random_hidden"])
def test_the_best_learning_rate_is_usually_the_highest_candidate(variant):
    rates = [study.best_learning_rate(variant, count) for _pair, count, study in cells()]
    assert np.mean([rate == max(LEARNING_RATES) for rate in rates]) > 0.5


def test_most_significant_differences_are_gains(significant_gains):
    losses = [gain for gain in significant_gains.values() if gain < 0]
    assert 0 < len(losses) < len(significant_gains) / 4


def test_fine_tuning_from_clothing_with_the_hidden_layer_is_negative_transfer(significant_gains):
    gain = significant_gains["fashion_to_digits", "fine_tuned_hidden", 1]
    assert f"the mean accuracy of fine-tuned networks is {-100 * gain:.1f} percentage points lower" in LESSON


def test_fine_tuned_convolutions_have_no_negative_transfer(significant_gains):
    assert min(gain for (_pair, variant, _count), gain in significant_gains.items() if variant == "fine_tuned") > 0


def test_frozen_and_fine_tuned_convolutions_have_nearly_the_same_accuracy():
    """The lesson says: the means differ by less than 1.5 percentage points for every pair."""
    for _pair, count, study in cells():
        assert abs(study.gains("frozen", count, over="fine_tuned").mean()) < 0.015


def test_with_the_hidden_layer_fine_tuned_networks_have_the_higher_mean_in_most_cases():
    """The lesson says so, with inverted digits as its example. Frozen networks lead by less than 2.5 points."""
    leads = {
        (pair, count): study.gains("frozen_hidden", count, over="fine_tuned_hidden").mean()
        for pair, count, study in cells()
    }
    frozen_leads = [lead for lead in leads.values() if lead > 0]
    assert len(frozen_leads) < len(leads) / 5
    assert max(frozen_leads) < 0.025
    assert max(leads["inverted_to_digits", count] for count in (1, 5)) < 0


def test_with_20_or_more_labels_frozen_random_features_are_less_accurate_than_training_from_scratch():
    """The lesson says so of the recorded means."""
    for variant in ("random", "random_hidden"):
        assert max(study.gains(variant, count).mean() for _pair, count, study in cells() if count >= 20) < 0


def test_frozen_convolutions_from_permuted_pixels_are_more_accurate_than_random_ones_up_to_200_labels():
    """The lesson asks whether strokes are the reason why pretrained convolutions help. These images have none."""
    study = recorded("permuted_to_digits")
    assert min(study.gains("frozen", count, over="random").mean() for count in study.label_counts) > 0
