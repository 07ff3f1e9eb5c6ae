"""Random weights and pictures for tests of PyTorch modules."""

import torch


def randomised(module, seed=0):
    """The module with random weights: none at its initial zero."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator) * 0.5)
    return module


def picture(*shape, seed=1):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))
