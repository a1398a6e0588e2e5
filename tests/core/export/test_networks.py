"""Exported networks have the outputs of the network of the run, in ONNX Runtime and in PyTorch."""

import io
import json
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import onnx
import onnxruntime
import pytest
import safetensors.torch
import torch
from torch import Tensor, nn

from core.data.torchvision_compat import v2
from core.export import networks
from core.export.networks import TrainedNetwork
from core.export.own_process import in_own_process
from core.topics import names, topic
from core.topics.autoencoder import model as autoencoder
from core.topics.mnist_cnn import model as cnn
from core.topics.mnist_cnn.transforms import apply, pipeline
from core.topics.own_images.backbones import load as load_backbone
from core.topics.own_images.trained_network import trained_network as own_network
from core.topics.playground.data import compute_features
from core.topics.playground.model import build_network
from core.topics.transfer_learning import model as transfer
from core.topics.workflow.model import initial_network

Case = tuple[TrainedNetwork, Callable[[Tensor], Tensor]]
"""A network to export, and a function with the outputs that the network should have."""


def mnist_cnn() -> Case:
    config = (
        topic("mnist_cnn")
        .presets["best"]
        .changed(
            transforms="resize,random_crop,affine,normalize",
            resize=30,
            crop=26,
            network="own",
            batch_norm=True,
            noise=0.1,
        )
    )
    weights = _moved(cnn.build(config)).state_dict()
    network = cnn.load(config, weights)
    expected = pipeline(config, training=False)
    assert len(expected) == 3  # resize, center crop, normalize
    return topic("mnist_cnn").networks["network"](config, weights), lambda x: network(apply(expected, x))


def autoencoder_unet() -> Case:
    config = topic("autoencoder").presets["best"]
    weights = _moved(autoencoder.build(config)).state_dict()
    return topic("autoencoder").networks["network"](config, weights), autoencoder.load(config, weights)


def playground() -> Case:
    config = topic("playground").default.changed(features="x,xy,sin_y", dropout=0.5)
    network = build_network(config)
    exported = topic("playground").networks["network"](config, network.state_dict())
    return exported, lambda xy: network.eval()(compute_features(xy, config.features))


def manual_mlp() -> Case:
    config = topic("manual_mlp").presets["teacher"].changed(precision="float64")
    random = torch.Generator().manual_seed(0)
    sizes = (config.input_size, config.hidden_size), (config.hidden_size, config.output_size)
    W1, W2 = (torch.randn(size, generator=random, dtype=torch.float64) for size in sizes)
    exported = topic("manual_mlp").networks["network"](config, {"W1": W1, "W2": W2})
    return exported, lambda x: torch.relu(x @ W1) @ W2


def transfer_learning() -> Case:
    config = topic("transfer_learning").presets["other_digits"]
    built = {name: transfer.build(5, seed) for seed, name in enumerate(topic("transfer_learning").networks)}
    weights = {f"{name}.{key}": value for name, each in built.items() for key, value in each.state_dict().items()}
    return topic("transfer_learning").networks["frozen"](config, weights), built["frozen"]


def workflow() -> Case:
    network = initial_network(seed=0).eval()
    exported = topic("workflow").networks["network"](topic("workflow").default, network.state_dict())
    return exported, lambda x: network(v2.functional.normalize(x, [0.1307], [0.3081]))


def _moved(network: nn.Module) -> nn.Module:
    """Change the statistics of batch norms, so that eval mode differs from training mode."""
    for name, buffer in network.named_buffers():
        if name.endswith(("mean", "var")):
            buffer.add_(torch.rand(buffer.shape, generator=torch.Generator().manual_seed(1)))
    return network


CASES = {
    case.__name__: case for case in (mnist_cnn, autoencoder_unet, playground, manual_mlp, transfer_learning, workflow)
}


def run(model: bytes, x: Tensor) -> np.ndarray:
    (output,) = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"]).run(None, {"input": x.numpy()})
    return output


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_onnx_runtime_has_the_outputs_of_the_network_for_batches_of_any_size(case):
    network, expected = case()
    model = networks.onnx(network, {"topic": "a topic"})
    onnx.checker.check_model(onnx.load_from_string(model), full_check=True)
    for batch in (1, 3):
        x = network.example(batch)
        with torch.no_grad():
            outputs = expected(x).numpy()
        assert np.abs(outputs).max() > 0.01
        np.testing.assert_allclose(run(model, x), outputs, rtol=1e-4, atol=1e-4)


def test_an_onnx_file_describes_its_network():
    network, _expected = transfer_learning()
    config = topic("transfer_learning").presets["other_digits"]
    model = networks.onnx(network, {"topic": "transfer_learning", "settings": config.model_dump_json()})
    session = onnxruntime.InferenceSession(model)
    (given,), (made,) = session.get_inputs(), session.get_outputs()
    assert (given.name, given.shape, made.name, made.shape) == ("input", ["batch", 1, 28, 28], "output", ["batch", 5])
    about = session.get_modelmeta().custom_metadata_map
    assert about["input_shape"] == "N × 1 × 28 × 28"
    assert "0 (black) to 1 (white)" in about["input"]
    assert about["classes"] == "5, 6, 7, 8, 9"
    assert about["topic"] == "transfer_learning"
    assert type(config).model_validate(json.loads(about["settings"])) == config


def test_pytorch_reads_a_program_without_the_code_of_the_network():
    network, expected = playground()
    files = {"topic": "", "output": ""}
    program = torch.export.load(io.BytesIO(networks.torch_program(network, {"topic": "playground"})), extra_files=files)
    x = network.example(7)
    torch.testing.assert_close(program.module()(x), expected(x))
    assert files["topic"] == "playground"
    assert "sigmoid" in files["output"]


def test_a_network_is_exported_in_a_process_of_its_own():
    network, expected = mnist_cnn()
    data = in_own_process(networks.torch_program, network, {})
    x = network.example(3)
    torch.testing.assert_close(torch.export.load(io.BytesIO(data)).module()(x), expected(x))
    with pytest.raises(RuntimeError, match="StopIteration"):
        in_own_process(networks.torch_program, replace(network, module=nn.Identity()), {"topic": "no parameters"})


def test_a_pt_file_holds_the_weights_and_no_code():
    weights = {"layer.weight": torch.rand(3, 4), "layer.bias": torch.rand(3).half()}
    data = networks.state_dict(safetensors.torch.save(weights))
    read = torch.load(io.BytesIO(data), weights_only=True)
    assert read.keys() == weights.keys()
    assert all(read[name].dtype == weight.dtype and read[name].equal(weight) for name, weight in weights.items())


def test_the_head_of_own_images_is_exported_with_its_backbone_and_the_normalization():
    backbone = load_backbone("efficientnet_lite0")
    torch.manual_seed(0)
    head = nn.Linear(backbone.classifier.in_features, 3).requires_grad_(False)
    network = own_network(backbone, head, ["a", "b", "c"])
    x = network.example(2)
    torch.testing.assert_close(network.module(x), head(backbone.features(x)))
    assert network.classes == ("a", "b", "c")


def test_all_networks_of_modules_are_exported():
    exported = {name for name in names() if topic(name).networks}
    learned = {"mnist_cnn", "autoencoder", "playground", "manual_mlp", "transfer_learning", "workflow"}
    assert exported == learned | {"transfer_learning.pretraining"}
