"""Stage 1 as PyTorch users write it: a LLaMA decoder of the given sizes with random frozen weights, a projection
that learns, cached image features, AdamW. Prints one JSON line per measured round: seconds and peak memory.

Reads one JSON line per round from standard input, {"batches": [...]}. Used by the benchmark only.
"""

import json
import resource
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

settings = json.loads(sys.argv[1])
torch.set_num_threads(settings["threads"])
torch.manual_seed(0)


class RMSNorm(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x):
        return self.weight * (x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6))


def rotate(x, cosines, sines):
    first, second = x.chunk(2, dim=-1)
    return x * cosines + torch.cat((-second, first), dim=-1) * sines


class Layer(nn.Module):
    def __init__(self, hidden, heads, intermediate):
        super().__init__()
        self.heads = heads
        self.attention_norm, self.mlp_norm = RMSNorm(hidden), RMSNorm(hidden)
        self.query_key_value = nn.Linear(hidden, 3 * hidden, bias=False)
        self.output = nn.Linear(hidden, hidden, bias=False)
        self.gate_up = nn.Linear(hidden, 2 * intermediate, bias=False)
        self.down = nn.Linear(intermediate, hidden, bias=False)

    def forward(self, x, cosines, sines, mask):
        batch, tokens, hidden = x.shape
        packed = self.query_key_value(self.attention_norm(x)).view(batch, tokens, 3, self.heads, -1)
        query, key, value = packed.permute(2, 0, 3, 1, 4)
        query, key = rotate(query, cosines, sines), rotate(key, cosines, sines)
        # One kernel for scores, scale and mask.
        scores = torch.baddbmm(mask, query.flatten(0, 1), key.flatten(0, 1).transpose(1, 2), alpha=(hidden // self.heads) ** -0.5)
        attended = (F.softmax(scores, dim=-1) @ value.flatten(0, 1)).view(batch, self.heads, tokens, -1)
        x = x + self.output(attended.transpose(1, 2).reshape(batch, tokens, hidden))
        gate, up = self.gate_up(self.mlp_norm(x)).chunk(2, dim=-1)
        return x + self.down(F.silu(gate) * up)


class Decoder(nn.Module):
    def __init__(self, hidden, layers, heads, intermediate, vocabulary):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, hidden)
        self.layers = nn.ModuleList(Layer(hidden, heads, intermediate) for _ in range(layers))
        self.norm = RMSNorm(hidden)
        self.head = nn.Linear(hidden, vocabulary, bias=False)
        self.width = hidden // heads

    def forward(self, embeddings):
        tokens = embeddings.shape[1]
        rates = 10000 ** (-torch.arange(0, self.width, 2) / self.width)
        angles = torch.outer(torch.arange(tokens), rates).repeat(1, 2)
        mask = torch.full((tokens, tokens), float("-inf")).triu(1)
        x, cosines, sines = embeddings, angles.cos(), angles.sin()
        for layer in self.layers:
            x = layer(x, cosines, sines, mask)
        return self.norm(x)


decoder = Decoder(**settings["decoder"]).requires_grad_(False)
projection = nn.Linear(settings["features"], settings["decoder"]["hidden"])
optimizer = torch.optim.AdamW(projection.parameters(), lr=1e-4, weight_decay=0.05)


def step(batch):
    features = torch.randn(batch["images"], batch["visual"], settings["features"])
    texts = torch.randint(0, settings["decoder"]["vocabulary"], (batch["images"], batch["tokens"] - batch["visual"]))
    image = projection(features)
    embedded = decoder.embedding(texts)
    outputs = decoder(torch.cat((embedded[:, :1], image, embedded[:, 1:]), dim=1))
    # Only the positions that predict something reach the head, as in the TypeScript loop.
    answers = texts[:, 1:]
    predicting = outputs[:, batch["visual"] : -1]
    loss = F.cross_entropy(decoder.head(predicting).flatten(0, 1), answers.flatten())
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


for line in sys.stdin:
    command = json.loads(line)
    started = time.perf_counter()
    for batch in command["batches"]:
        step(batch)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "peakMiB": peak}), flush=True)
