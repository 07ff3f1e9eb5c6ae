"""One step of adversarial training: the discriminators learn to tell, then the generators learn to pass."""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from ..models.gan import GanSystem, pyramid
from ..models.pool import ImagePool
from .devices import autocast
from .gan_losses import adversarial, l1, l2, structure, total_variation, verdict
from .gan_settings import GanSettings

Batch = Mapping[str, tuple[Tensor, Tensor]]
Features = Callable[[Tensor], list[Tensor]]
BACK = {"photo2sketch": "sketch2photo", "sketch2photo": "photo2sketch"}


class GanStep:
    """Two optimisers, and what they do with a batch. pix2pix, CycleGAN and MSG-SARL with its ablations differ only in the
    system's networks and in the objective's weights.

    Args:
        system: the networks, on the device where they are trained.
        settings: objective, rates, precision.
        precision: "fp32", "bf16" or "fp16".
        features: feature maps of a picture, for the perceptual loss; None without one.
    """

    def __init__(
        self, system: GanSystem, settings: GanSettings, precision: str, features: Features | None = None
    ):
        self.system, self.objective, self.precision, self.features = (
            system,
            settings.objective,
            precision,
            features,
        )
        self.device = next(system.parameters()).device
        self.optimizers = {
            "generators": self._adam(system.generators, settings),
            "discriminators": self._adam(system.discriminators, settings),
        }
        scaled = precision == "fp16"
        self.scalers = {name: torch.amp.GradScaler("cuda", enabled=scaled) for name in self.optimizers}
        self.pools = {
            task: ImagePool(settings.objective.pool, settings.seed + number)
            for number, task in enumerate(system.tasks)
        }

    def _adam(self, networks: torch.nn.Module, settings: GanSettings) -> torch.optim.Adam:
        fused = self.device.type in ("cuda", "cpu")
        return torch.optim.Adam(networks.parameters(), settings.learning_rate, settings.betas, fused=fused)

    def set_rate(self, rate: float) -> None:
        """Use this learning rate from now on."""
        for optimizer in self.optimizers.values():
            for group in optimizer.param_groups:
                group["lr"] = rate

    def __call__(self, batch: Batch) -> dict[str, Tensor]:
        """One step of all discriminators, then one of all generators.

        Args:
            batch: source and target, (B, C, H, W) in [-1, 1], for each task of the system.

        Returns:
            Every loss as a scalar on the device (reading it waits for the device): "generator" and "discriminator", the
            weighted sums that were minimised; each part before its weight; and "real" and "fake", the discriminators'
            mean answers. Parts are summed over the system's tasks, answers averaged.
        """
        with autocast(self.precision, self.device):
            fakes = {task: self.system.generate(task, source) for task, (source, _) in batch.items()}

        self.system.discriminators.requires_grad_(True)
        with autocast(self.precision, self.device):
            losses = self._discriminator_losses(batch, fakes)
        self._update("discriminators", losses["discriminator"])

        self.system.discriminators.requires_grad_(
            False
        )  # they pass the gradient on, and need none themselves
        with autocast(self.precision, self.device):
            losses |= self._generator_losses(batch, fakes)
        self._update("generators", losses["generator"])
        return {name: loss.detach() for name, loss in losses.items()}

    def _update(self, which: str, loss: Tensor) -> None:
        optimizer, scaler = self.optimizers[which], self.scalers[which]
        optimizer.zero_grad(set_to_none=True)
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()

    def _discriminator_losses(self, batch: Batch, fakes: dict) -> dict[str, Tensor]:
        """Half of what it costs to call real pictures generated and generated ones real (Isola et al., Section 3.3, halve
        it to slow the discriminator down)."""
        kind, loss, answers = self.objective.adversarial, 0.0, {"real": [], "fake": []}
        for task, (source, target) in batch.items():
            seen_source, *seen = self.pools[task].query((source, *fakes[task]))
            fake = self.system.judge(task, seen_source, [picture.detach() for picture in seen])
            levels = len(fakes[task]) if self.system.multiscale else 1
            real = self.system.judge(task, source, pyramid(target, levels))
            loss = loss + 0.5 * (adversarial(real, True, kind) + adversarial(fake, False, kind))
            answers["real"].append(verdict(real, kind))
            answers["fake"].append(verdict(fake, kind))
        means = {name: torch.stack(values).mean() for name, values in answers.items()}
        return {"discriminator": loss, **means}

    def _generator_losses(self, batch: Batch, fakes: dict) -> dict[str, Tensor]:
        parts: dict[str, Tensor] = {}
        for task, (source, target) in batch.items():
            for name, loss in self._parts(task, source, target, fakes[task]).items():
                parts[name] = parts[name] + loss if name in parts else loss
        total = sum(getattr(self.objective, name) * loss for name, loss in parts.items())
        return {"generator": total, **parts}

    def _parts(
        self, task: str, source: Tensor, target: Tensor, fake: tuple[Tensor, ...]
    ) -> dict[str, Tensor]:
        """The generator's losses in one direction, those of weight 0 left out."""
        wanted, kind, parts = self.objective, self.objective.adversarial, {}
        if wanted.gan:
            parts["gan"] = adversarial(self.system.judge(task, source, fake), True, kind)
        if wanted.l1:
            parts["l1"] = l1(fake[0], target)
        if wanted.l2:
            parts["l2"] = l2(fake[0], target)
        if wanted.perceptual:
            parts["perceptual"] = self._perceptual(fake[0], target)
        if wanted.tv:
            parts["tv"] = total_variation(fake[0])
        if wanted.structure:
            parts["structure"] = structure(fake[0], target)
        if wanted.cycle:
            parts["cycle"] = l1(self.system.generate(BACK[task], fake[0])[0], source)
        if wanted.identity:
            parts["identity"] = l1(self.system.generate(task, target)[0], target)
        return parts

    def _perceptual(self, fake: Tensor, target: Tensor) -> Tensor:
        with torch.no_grad():
            wanted = self.features(target)
        pairs = zip(self.features(fake), wanted, strict=True)
        return sum((got.float() - goal.float()).square().mean() for got, goal in pairs)

    # -- state -----------------------------------------------------------------------------------------------------

    def state(self) -> dict[str, Tensor]:
        """All that a step changes besides the networks' weights, as a flat dictionary of tensors and arrays."""
        arrays = {}
        for name, optimizer in self.optimizers.items():
            for number, values in optimizer.state_dict()["state"].items():
                arrays |= {f"{name}.{number}.{key}": value for key, value in values.items()}
            arrays |= {
                f"scaler.{name}.{k}": torch.tensor(v) for k, v in self.scalers[name].state_dict().items()
            }
        for task, pool in self.pools.items():
            arrays |= {f"pool.{task}.{key}": value for key, value in pool.state_dict().items()}
        return arrays

    def load_state(self, arrays: dict) -> None:
        """Go on from what `state` gave."""
        for name, optimizer in self.optimizers.items():
            state: dict[int, dict] = {}
            for key, value in _under(arrays, f"{name}.").items():
                number, what = key.split(".")
                state.setdefault(int(number), {})[what] = torch.as_tensor(value)
            whole = optimizer.state_dict()
            optimizer.load_state_dict(whole | {"state": state})
            if scaler := _under(arrays, f"scaler.{name}."):
                self.scalers[name].load_state_dict({key: value.item() for key, value in scaler.items()})
        for task, pool in self.pools.items():
            pool.load_state_dict(_under(arrays, f"pool.{task}."))


def _under(arrays: dict, prefix: str) -> dict:
    return {key.removeprefix(prefix): value for key, value in arrays.items() if key.startswith(prefix)}
