"""The peer: bare PyTorch eager training steps and Hessian-vector products of tanh chains, medians in milliseconds, as one JSON line.

Usage: python3 pytorch.py '{"networks": [{"depth": 10, "width": 64, "batch": 128}], "threads": 1, "seconds": 3}'
Same network as bench/trainingStep.ts: 784 inputs, `depth` hidden layers with bias, 10 outputs, softmax cross-entropy, plain SGD.
"""

import json
import sys
import time

import torch


def median_ms(run, seconds):
    for _ in range(3):
        run()
    times = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(times) < 5:
        start = time.perf_counter()
        run()
        times.append(1000 * (time.perf_counter() - start))
    return sorted(times)[len(times) // 2]


def chain(depth, width):
    layers = []
    for layer in range(depth):
        layers += [torch.nn.Linear(784 if layer == 0 else width, width), torch.nn.Tanh()]
    return torch.nn.Sequential(*layers, torch.nn.Linear(width, 10))


def measure(depth, width, batch, seconds):
    torch.manual_seed(1)
    model = chain(depth, width)
    inputs = torch.randn(batch, 784)
    labels = torch.randint(0, 10, (batch,))
    loss_of = torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-4)
    parameters = list(model.parameters())

    def step():
        optimizer.zero_grad()
        loss_of(model(inputs), labels).backward()
        optimizer.step()

    vectors = [torch.randn_like(p) for p in parameters]

    def product():
        gradients = torch.autograd.grad(loss_of(model(inputs), labels), parameters, create_graph=True)
        torch.autograd.grad(gradients, parameters, grad_outputs=vectors)

    return {"depth": depth, "width": width, "batch": batch, "stepMs": median_ms(step, seconds), "hvpMs": median_ms(product, seconds)}


def main():
    ask = json.loads(sys.argv[1])
    torch.set_num_threads(ask["threads"])
    rows = [measure(seconds=ask["seconds"], **network) for network in ask["networks"]]
    print(json.dumps({"version": torch.__version__, "threads": torch.get_num_threads(), "rows": rows}))


main()
