"""A ReLU with its own backward pass, as a torch.autograd.Function. Overriding `nn.Module.backward` has no effect."""

import torch
from torch import Tensor


class ReLUByHand(torch.autograd.Function):
    @staticmethod
    def forward(ctx, z: Tensor) -> Tensor:
        h = z.clamp(min=0)
        ctx.save_for_backward(h)
        return h

    @staticmethod
    def backward(ctx, grad_h: Tensor) -> Tensor:
        (h,) = ctx.saved_tensors
        return grad_h * (h > 0)
