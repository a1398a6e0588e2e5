"""A trained network as a file for other programs: ONNX, a PyTorch program, or a state_dict.

`onnx` and `torch_program` change PyTorch's global state while they run. A server with several threads has to call them
by `core.export.own_process.in_own_process`.
"""

import io
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import safetensors.torch
import torch
from torch import Tensor, nn

from core.data.torchvision_guard import import_torchvision


@dataclass(frozen=True)
class TrainedNetwork:
    """A trained network, with a description of its inputs and outputs.

    ``module`` is in eval mode. ``input_shape`` is the shape of one input, without the batch dimension. ``input`` and
    ``output`` describe the values in one sentence each, including their range. ``classes`` holds the names of the
    classes, in the order of the outputs, or is empty.
    """

    module: nn.Module
    input_shape: tuple[int, ...]
    input: str
    output: str
    classes: tuple[str, ...] = ()

    def example(self, batch: int = 2) -> Tensor:
        """Return a batch of random inputs from 0 to 1, in the data type of the weights."""
        dtype = next(self.module.parameters()).dtype
        return torch.rand(batch, *self.input_shape, generator=torch.Generator().manual_seed(0), dtype=dtype)

    def description(self) -> dict[str, str]:
        """Return the description of the inputs and outputs as texts, by name."""
        texts = {
            "input": self.input,
            "input_shape": " × ".join(map(str, ("N", *self.input_shape))),
            "output": self.output,
            "torch": torch.__version__,
        }
        return texts | ({"classes": ", ".join(self.classes)} if self.classes else {})


def onnx(network: TrainedNetwork, about: Mapping[str, str] = {}) -> bytes:
    """Return the content of an ONNX file that contains the network and its weights. It accepts batches of any size.

    The input is named "input", and the output is named "output". The file's metadata contains the description of the
    network, and the texts in ``about``. The first call imports onnxscript and takes a few seconds.
    """
    import_torchvision()  # before torch.onnx, which imports it too
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # deprecations inside of PyTorch's exporter
        program = torch.onnx.export(
            _program(network),
            dynamo=True,
            dynamic_shapes=_dynamic_shapes(),  # names the dimension
            input_names=["input"],
            output_names=["output"],
            verbose=False,
        )
    program.model.metadata_props.update({**network.description(), **about})
    return program.model_proto.SerializeToString()


def torch_program(network: TrainedNetwork, about: Mapping[str, str] = {}) -> bytes:
    """Return the content of a .pt2 file, which ``torch.export.load`` reads without the code of the network.

    It accepts batches of any size. The file contains the description of the network, and the texts in ``about``: pass a
    dictionary with their names to the parameter ``extra_files`` of ``torch.export.load``.
    """
    buffer = io.BytesIO()
    torch.export.save(_program(network), buffer, extra_files={**network.description(), **about})
    return buffer.getvalue()


@cache
def _dynamic_shapes() -> tuple[dict[int, torch.export.Dim]]:
    """Say that the first dimension of the only input may have any size. The first call imports sympy."""
    return ({0: torch.export.Dim("batch")},)


def _program(network: TrainedNetwork) -> torch.export.ExportedProgram:
    return torch.export.export(network.module, (network.example(),), dynamic_shapes=_dynamic_shapes())


def state_dict(weights: bytes) -> bytes:
    """Return the content of a .pt file, as written by ``torch.save``, with the weights from a safetensors file."""
    buffer = io.BytesIO()
    torch.save(safetensors.torch.load(weights), buffer)
    return buffer.getvalue()
