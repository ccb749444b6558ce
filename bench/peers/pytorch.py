"""The peer: bare PyTorch eager on the same networks and threads. A question is one line of JSON, its answer another: median milliseconds
of the processor, so that waiting for other work on the machine does not count.

Usage: python3 pytorch.py THREADS, then e.g. {"what": "step", "seconds": 1, "network": {"kind": "mlpChain", "depth": 10, "width": 64, "batch": 128}}
Networks of bench/networks.ts: 784 inputs, `depth` hidden layers with bias, or three convolutions with batch normalization and,
with "pooling": "max", a pooling after the first two; 10 outputs, softmax cross-entropy, plain SGD.
"""

import json
import sys
import time

import torch


def median_ms(run, seconds, warmups):
    for _ in range(warmups):
        run()
    times = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or not times:
        start = time.process_time()
        run()
        times.append(1000 * (time.process_time() - start))
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


def actions(kind, batch, **options):
    """What can be timed of one network."""
    torch.manual_seed(1)
    model = models[kind](**options)
    inputs = torch.randn(batch, 784)
    labels = torch.randint(0, 10, (batch,))
    loss_of = torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-4)
    parameters = list(model.parameters())
    vectors = [torch.randn_like(p) for p in parameters]

    def step():
        optimizer.zero_grad()
        loss_of(model(inputs), labels).backward()
        optimizer.step()

    def gradient():
        return torch.autograd.grad(loss_of(model(inputs), labels), parameters)

    def gradients():
        return torch.autograd.grad(loss_of(model(inputs), labels), parameters, create_graph=True)

    def product():
        torch.autograd.grad(gradients(), parameters, grad_outputs=vectors)

    def lanczos(steps=20):
        """The gradient's graph is kept, so that a product is one more backward pass; every vector is orthogonalized against all before it."""
        at = gradients()
        basis = torch.zeros(steps, sum(p.numel() for p in parameters))
        direction = torch.cat([v.reshape(-1) for v in vectors])
        diagonal, beside = [], []
        for j in range(steps):
            basis[j] = direction / direction.norm()
            pieces = torch.split(basis[j], [p.numel() for p in parameters])
            vector = [piece.view_as(p) for piece, p in zip(pieces, parameters)]
            image = torch.cat([v.reshape(-1) for v in torch.autograd.grad(at, parameters, grad_outputs=vector, retain_graph=True)])
            diagonal.append(float(image @ basis[j]))
            for _ in range(2):
                image = image - basis[: j + 1].T @ (basis[: j + 1] @ image)
            beside.append(float(image.norm()))
            direction = image
        matrix = torch.diag(torch.tensor(diagonal, dtype=torch.float64))
        for j in range(steps - 1):
            matrix[j, j + 1] = matrix[j + 1, j] = beside[j]
        return torch.linalg.eigvalsh(matrix)

    def blocks():
        """One product with each layer's own block: the gradient's graph is shared, then one backward pass a layer."""
        at = gradients()
        grouped = {}
        for i, (name, _) in enumerate(model.named_parameters()):
            grouped.setdefault(name.rsplit(".", 1)[0], []).append(i)
        for own in grouped.values():
            torch.autograd.grad([at[i] for i in own], [parameters[i] for i in own], grad_outputs=[vectors[i] for i in own], retain_graph=True)

    return {"step": step, "gradient": gradient, "product": product, "lanczos": lanczos, "blocks": blocks}


def matrices(size):
    a, b = torch.randn(size, size), torch.randn(size, size)
    return {"matmul": lambda: a @ b}


def main():
    torch.set_num_threads(int(sys.argv[1]))
    print(json.dumps({"version": torch.__version__}), flush=True)
    known = {}
    for line in sys.stdin:
        ask = json.loads(line)
        about = ask.get("network") or {"size": ask["size"]}
        key = json.dumps(about, sort_keys=True)
        if key not in known:
            known[key] = (matrices if "size" in about else actions)(**about), set()
        runs, warm = known[key]
        what = ask["what"]
        print(json.dumps({"ms": median_ms(runs[what], ask["seconds"], 1 if what in warm else 3)}), flush=True)
        warm.add(what)


main()
