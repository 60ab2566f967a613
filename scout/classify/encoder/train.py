"""Fine-tune the encoder on labelled texts (torch, the extra ``train``).

The lowest layers stay as they were pre-trained, so what they give is computed once and kept. Above them all
layers learn, the lower the slower. Two things are asked of the model: is this text about an initiative
(and, within a minimal set, more so than its counterparts), and which theme has it.
"""

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from scout.classify.corpus import Example, fingerprint
from scout.classify.encoder import network
from scout.classify.encoder.base import BaseModel
from scout.classify.encoder.pieces import joined
from scout.classify.encoder.trained import Recipe, Trained

#: Called after each step: what is going on, steps done, steps in all.
Progress = Callable[[str, int, int], None]

#: Steps and penalty with which the heads are fitted to the untrained layers.
HEAD_STEPS, HEAD_PENALTY = 40, 1e-2


class _Run:
    """The state of one training: weights, heads, and the kept outputs of the frozen layers."""

    def __init__(self, base: BaseModel, examples: Sequence[Example], recipe: Recipe) -> None:
        torch.manual_seed(recipe.seed)
        torch.set_num_threads(recipe.threads)
        self.base, self.recipe = base, recipe
        self.shape = base.shape
        self.themes = tuple(sorted({one.theme for one in examples if one.theme}))
        self.weights = network.as_tensors(base)
        # Pooled numbers of this family differ little from text to text; centred and scaled they learn sooner.
        self.centre = torch.zeros(self.shape.width)
        self.scale = torch.ones(self.shape.width)
        self.head = torch.zeros(self.shape.width, requires_grad=True)
        self.head_bias = torch.zeros((), requires_grad=True)
        self.theme_head = torch.zeros(len(self.themes), self.shape.width, requires_grad=True)
        self.theme_bias = torch.zeros(len(self.themes), requires_grad=True)

    @property
    def learning(self) -> range:
        """The layers that learn."""
        return range(self.recipe.frozen, self.shape.layers)

    def logits(self, states: Sequence[Tensor], *, training: bool) -> tuple[Tensor, Tensor]:
        """Logits of "initiative" (texts) and themes (texts x themes), from what the frozen layers give."""
        hidden, mask = network.pad(states)
        if training and self.recipe.hidden:
            # Pieces hidden at random: no single word may carry a text. The first, <s>, always stays.
            seen = torch.rand(mask.shape) >= self.recipe.hidden
            seen[:, 0] = True
            mask = mask & seen
        with torch.autocast("cpu", torch.bfloat16, enabled=training):
            hidden = network.run_layers(self.weights, self.shape, hidden.float(), mask, self.learning)
        pooled = (network.pool(hidden, mask) - self.centre) / self.scale
        pooled = functional.dropout(pooled, self.recipe.dropout, training)
        return (
            pooled @ self.head + self.head_bias,
            pooled @ self.theme_head.T + self.theme_bias,
        )

    def start_heads(self, examples: Sequence[Example], states: Sequence[Tensor]) -> None:
        """Fit the heads to the untrained layers, so that these are not first led astray by random heads."""
        pooled = torch.zeros(len(states), self.shape.width)
        order = sorted(range(len(states)), key=lambda i: len(states[i]))
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            for at in range(0, len(order), 32):
                some = order[at : at + 32]
                hidden, mask = network.pad([states[i] for i in some])
                hidden = network.run_layers(self.weights, self.shape, hidden.float(), mask, self.learning)
                pooled[some] = network.pool(hidden, mask)
        self.centre, self.scale = pooled.mean(0), pooled.std(0) + 1e-6
        pooled = (pooled - self.centre) / self.scale
        labels = torch.tensor([float(one.initiative) for one in examples])
        themed = [i for i, one in enumerate(examples) if one.theme]
        wanted = torch.tensor([self.themes.index(examples[i].theme) for i in themed])
        heads = [self.head, self.head_bias, self.theme_head, self.theme_bias]
        fit = torch.optim.LBFGS(heads, max_iter=HEAD_STEPS, line_search_fn="strong_wolfe")

        def cost() -> Tensor:
            fit.zero_grad()
            loss = functional.binary_cross_entropy_with_logits(pooled @ self.head + self.head_bias, labels)
            loss = loss + HEAD_PENALTY * (self.head.square().sum() + self.theme_head.square().sum())
            if themed:
                loss = loss + functional.cross_entropy(
                    pooled[themed] @ self.theme_head.T + self.theme_bias, wanted
                )
            loss.backward()
            return loss

        fit.step(cost)

    def optimiser(self) -> torch.optim.AdamW:
        """AdamW with a rate a layer."""
        heads = [self.head, self.head_bias, self.theme_head, self.theme_bias]
        groups: list[dict[str, object]] = [{"params": heads, "lr": self.recipe.head_rate}]
        for layer in self.learning:
            rate = self.recipe.rate * self.recipe.falling ** (self.shape.layers - 1 - layer)
            names = [name for name in self.weights if name.startswith(f"{layer}.")]
            for name in names:
                self.weights[name].requires_grad_(True)
            matrices = [self.weights[name] for name in names if self.weights[name].ndim == 2]
            vectors = [self.weights[name] for name in names if self.weights[name].ndim == 1]
            groups.append({"params": matrices, "lr": rate})
            groups.append({"params": vectors, "lr": rate, "weight_decay": 0.0})
        return torch.optim.AdamW(groups, weight_decay=self.recipe.weight_decay)

    def _state(self, optimiser: torch.optim.Optimizer) -> dict[str, Any]:
        return {
            "weights": {
                name: tensor.detach() for name, tensor in self.weights.items() if tensor.requires_grad
            },
            "heads": [
                self.head.detach(),
                self.head_bias.detach(),
                self.theme_head.detach(),
                self.theme_bias.detach(),
            ],
            "scaling": [self.centre, self.scale],
            "optimiser": optimiser.state_dict(),
            "random": torch.get_rng_state(),
        }

    def keep(self, path: Path, key: str, optimiser: torch.optim.Optimizer, epoch: int) -> None:
        """Write the state of the training; a kill half-way leaves the one before."""
        aside = path.with_name(path.name + ".new")
        torch.save({"key": key, "epoch": epoch, **self._state(optimiser)}, aside)
        aside.replace(path)

    def restore(self, path: Path, key: str, optimiser: torch.optim.Optimizer) -> int:
        """Take up the state in a file; the number of epochs done, 0 where it is of another training."""
        if not path.is_file():
            return 0
        state = torch.load(path, weights_only=True)
        if state["key"] != key:
            return 0
        with torch.no_grad():
            for name, values in state["weights"].items():
                self.weights[name].copy_(values)
            heads = (self.head, self.head_bias, self.theme_head, self.theme_bias)
            for head, values in zip(heads, state["heads"], strict=True):
                head.copy_(values)
        self.centre, self.scale = state["scaling"]
        optimiser.load_state_dict(state["optimiser"])
        torch.set_rng_state(state["random"])
        return int(state["epoch"])

    def result(self) -> Trained:
        """What was learnt, as numpy."""
        weights = {name: tensor.detach().numpy().copy() for name, tensor in self.weights.items()}
        # Centring and scaling become part of the heads.
        head, theme_head = (self.head / self.scale).detach(), (self.theme_head / self.scale).detach()
        return Trained(
            base=replace(self.base, weights=weights),
            recipe=self.recipe,
            head=head.numpy().copy(),
            head_bias=float((self.head_bias - self.centre @ head).detach()),
            themes=self.themes,
            theme_head=theme_head.numpy().copy(),
            theme_bias=(self.theme_bias - theme_head @ self.centre).detach().numpy().copy(),
        )


def train(
    base: BaseModel,
    examples: Sequence[Example],
    recipe: Recipe,
    *,
    progress: Progress | None = None,
    after_epoch: Callable[[int, Trained], None] | None = None,
    checkpoint: Path | None = None,
) -> Trained:
    """Fine-tune a base model, whose vocabulary is pruned already.

    The same base, examples, recipe and kind of machine give the same weights.

    Args:
        after_epoch: gets the epoch (from 1) and the model as it then is.
        checkpoint: file that holds the state after each epoch; where it is there already, of the same
            base, examples and recipe, training goes on from it.
    """
    run = _Run(base, examples, recipe)
    states = frozen_states(base, examples, recipe, progress=progress)
    run.start_heads(examples, states)
    optimiser = run.optimiser()
    rates = [group["lr"] for group in optimiser.param_groups]
    key = f"{base.name} {len(base.vocabulary.pieces)} {fingerprint(examples)} {recipe}"
    done = run.restore(checkpoint, key, optimiser) if checkpoint else 0
    batches_of = [
        batches(examples, recipe.batch, recipe.seed * 1_000 + epoch) for epoch in range(recipe.epochs)
    ]
    total = sum(len(some) for some in batches_of)
    step = 0
    for epoch, some in enumerate(batches_of, start=1):
        if epoch <= done:
            step += len(some)
            continue
        for batch in some:
            for group, rate in zip(optimiser.param_groups, rates, strict=True):
                group["lr"] = rate * schedule(step, total, recipe.warm_up)
            loss = _loss(run, [examples[i] for i in batch], [states[i] for i in batch])
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            for group in optimiser.param_groups:
                torch.nn.utils.clip_grad_norm_(group["params"], 1.0)
            optimiser.step()
            step += 1
            if progress:
                progress(f"epoch {epoch}, loss {loss.item():.3f}", step, total)
        if checkpoint:
            run.keep(checkpoint, key, optimiser, epoch)
        if after_epoch:
            after_epoch(epoch, run.result())
    return run.result()


def frozen_states(
    base: BaseModel, examples: Sequence[Example], recipe: Recipe, *, progress: Progress | None = None
) -> list[Tensor]:
    """What the frozen layers give for each text (pieces x width, float16: 80 kB a text)."""
    torch.set_num_threads(recipe.threads)
    weights = network.as_tensors(base)
    ids = [
        torch.tensor(base.vocabulary.encode(joined(one.title, one.text), recipe.longest)) for one in examples
    ]
    order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
    found: list[Tensor] = [torch.empty(0)] * len(ids)
    with torch.no_grad():
        for at in range(0, len(order), 32):
            some = order[at : at + 32]
            block, mask = network.pad([ids[i] for i in some])
            hidden = network.embed(weights, base.shape, block)
            hidden = network.run_layers(weights, base.shape, hidden, mask, range(recipe.frozen))
            for row, i in enumerate(some):
                found[i] = hidden[row, : len(ids[i])].to(torch.float16)
            if progress:
                progress("reading", min(at + 32, len(order)), len(order))
    return found


def batches(examples: Sequence[Example], size: int, seed: int) -> list[list[int]]:
    """Places of the examples in batches of about ``size``, in random order.

    Minimal sets stay together, and texts of like length share a batch, which saves filling up.
    """
    shuffle = random.Random(seed)  # noqa: S311 - an order, not a secret
    groups: dict[str, list[int]] = {}
    for place, one in enumerate(examples):
        groups.setdefault(one.group, []).append(place)
    units = list(groups.values())
    shuffle.shuffle(units)

    def length(unit: list[int]) -> int:
        return max(len(examples[i].title) + len(examples[i].text) for i in unit)

    found: list[list[int]] = []
    # Sorted within some hundreds of texts only, so that the batches differ from epoch to epoch.
    window = size * 24
    for at in range(0, len(units), window):
        batch: list[int] = []
        for unit in sorted(units[at : at + window], key=length):
            if batch and len(batch) + len(unit) > size:
                found.append(batch)
                batch = []
            batch.extend(unit)
        found.append(batch)
    shuffle.shuffle(found)
    return found


def schedule(step: int, total: int, warm_up: float) -> float:
    """The factor of the learning rates at a step: up in a line, then down to 0."""
    rising = max(1, math.ceil(total * warm_up))
    if step < rising:
        return (step + 1) / rising
    return max(0.0, (total - step) / max(1, total - rising))


def _loss(run: _Run, examples: Sequence[Example], states: Sequence[Tensor]) -> Tensor:
    logits, theme_logits = run.logits(states, training=True)
    labels = torch.tensor([float(one.initiative) for one in examples])
    loss = functional.binary_cross_entropy_with_logits(logits, labels)
    pairs = [
        (i, j)
        for i, one in enumerate(examples)
        for j, other in enumerate(examples)
        if one.group == other.group and one.initiative and not other.initiative
    ]
    if pairs:
        better, worse = torch.tensor(pairs).T
        ranking = functional.softplus(logits[worse] - logits[better])
        # Over the batch like the labels' loss: one pair must not count like a batch full of them.
        loss = loss + run.recipe.ranking * ranking.sum() / len(examples)
    themed = [i for i, one in enumerate(examples) if one.theme]
    if themed and run.recipe.theme:
        wanted = torch.tensor([run.themes.index(examples[i].theme) for i in themed])
        loss = loss + run.recipe.theme * functional.cross_entropy(
            theme_logits[themed], wanted, reduction="sum"
        ) / len(examples)
    return loss
