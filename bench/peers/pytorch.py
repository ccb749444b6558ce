"""The peer: bare PyTorch eager training steps and Hessian-vector products of tanh chains and convolutional networks, medians in milliseconds, as one JSON line.

Usage: python3 pytorch.py '{"networks": [{"kind": "mlpChain", "depth": 10, "width": 64, "batch": 128}], "threads": 1, "seconds": 3}'
Same networks as bench/trainingStep.ts: 784 inputs, `depth` hidden layers with bias, or three convolutions with batch normalization and,
with "pooling": "max", a pooling after the first two; 10 outputs, softmax cross-entropy, plain SGD.
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


def convolutional(pooling):
    layers = [torch.nn.Unflatten(1, (1, 28, 28))]
    for inputs, filters in ((1, 16), (16, 32), (32, 64)):
        layers += [torch.nn.Conv2d(inputs, filters, 3, padding=1, bias=False), torch.nn.BatchNorm2d(filters), torch.nn.ReLU()]
        if pooling == "max" and filters < 64:
            layers.append(torch.nn.MaxPool2d(2))
    return torch.nn.Sequential(*layers, torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), torch.nn.Linear(64, 10))


models = {"mlpChain": chain, "vgg": convolutional}


def measure(kind, batch, seconds, **options):
    torch.manual_seed(1)
    model = models[kind](**options)
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

    return {"kind": kind, "batch": batch, **options, "stepMs": median_ms(step, seconds), "hvpMs": median_ms(product, seconds)}


def main():
    ask = json.loads(sys.argv[1])
    torch.set_num_threads(ask["threads"])
    rows = [measure(seconds=ask["seconds"], **network) for network in ask["networks"]]
    print(json.dumps({"version": torch.__version__, "threads": torch.get_num_threads(), "rows": rows}))


main()
