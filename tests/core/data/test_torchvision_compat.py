"""torchvision can be imported, even if its operators do not load. Other errors are not hidden."""

import importlib
import subprocess
import sys
from importlib.abc import MetaPathFinder

import pytest

from core.paths import ROOT

# A CUDA build of torchvision with a CPU build of torch: its library cannot be loaded
UNLINKED = """
import torch
load = torch.ops.load_library
def unlinked(path):
    if "torchvision" in str(path):
        raise OSError("libcudart.so.13: cannot open shared object file: No such file or directory")
    load(path)
torch.ops.load_library = unlinked
try:
    import torchvision
except RuntimeError as error:
    assert str(error) == "operator torchvision::nms does not exist", error
else:
    raise AssertionError("torchvision does not miss its operators")
"""

USED = """
import gc
from core.paths import ROOT
from core.data.torchvision_compat import torchvision, v2
gc.collect()
import torch
x = torch.arange(2 * 28 * 28).reshape(2, 1, 28, 28) / 2000
assert torch.equal(v2.RandomHorizontalFlip(p=1.0)(x), x.flip(-1))
assert torch.ops.torchvision.nms.default._schema.name == "torchvision::nms"
assert torchvision.models.squeezenet1_1()(torch.rand(1, 3, 64, 64)).shape == (1, 1000)
"""


def test_torchvision_works():
    """The installed torchvision was imported here, where warnings are errors."""
    exec(USED, {})


def test_torchvision_works_unlinked():
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", UNLINKED + USED], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, done.stderr) == (0, "")


class Failing(MetaPathFinder):
    """Blocks the import of torchvision."""

    def __init__(self, error: Exception):
        self.error, self.asked = error, 0

    def find_spec(self, name, path=None, target=None):
        if name == "torchvision":
            self.asked += 1
            raise self.error


@pytest.mark.parametrize(
    "error", [RuntimeError("operator torchvision::roi_align does not exist"), ImportError("no module torchvision")]
)
def test_any_other_error_passes_through(error, monkeypatch):
    finder = Failing(error)
    for name in ("core.data.torchvision_compat", "torchvision"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setattr(sys, "meta_path", [finder, *sys.meta_path])
    with pytest.raises(type(error)) as told:
        importlib.import_module("core.data.torchvision_compat")
    assert told.value is error
    assert finder.asked == 1
