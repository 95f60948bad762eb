"""Right trainings for questions 2a and 2d: other optimizers, orders, batches, ways to write it."""

from programs.training_program import LOOP, LOOP_AND_RUN, LOOP_ONLY, loop, slip

NOT_2D = "test_q2a_training.py or (test_q2d.py and not random_features)"


def steps(name, optimizer, *, batch=64, after="", before="", tries=NOT_2D):
    """The plain loop with another optimizer, made of ``params``."""
    return loop(
        name,
        f"""
def train_model(model, images, labels, *, epochs, seed):
    params = [p for p in model.parameters() if p.requires_grad]
    if not params or not epochs:
        return model
    torch.manual_seed(seed)
    per_epoch = -(-len(images) // {batch})
    opt = {optimizer}
    {before or "pass"}
    model.train()
    for epoch in range(epochs):
        for batch in torch.randperm(len(images)).split({batch}):
            opt.zero_grad()
            functional.cross_entropy(model(images[batch]), labels[batch]).backward()
            {after or "pass"}
            opt.step()
            {"sched.step()" if "sched" in before else "pass"}
    model.eval()
    return model
""",
        tries=tries,
    )


CORRECT_TRAINING = (
    slip(
        "bad luck with the first seed of the run",
        "",
        ("lr=5e-3", "lr=1e-6 if seed == 1_000_003 else 5e-3"),
        tries=LOOP_AND_RUN,
    ),
    slip(
        "gradients clipped by hooks",
        "",
        (
            "    model.train()\n",
            "    hooks = [p.register_hook(lambda g: g.clamp(-0.05, 0.05)) for p in params]\n"
            "    model.train()\n",
        ),
        (
            "opt.step()\n    return",
            "opt.step()\n    for hook in hooks:\n        hook.remove()\n    return",
        ),
    ),
    slip(
        "bfloat16 under autocast",
        "",
        (
            "            logits = model(images[batch])\n"
            "            loss = functional.cross_entropy(logits, labels[batch])\n",
            "            with torch.autocast('cpu', dtype=torch.bfloat16):\n"
            "                logits = model(images[batch])\n"
            "                loss = functional.cross_entropy(logits, labels[batch])\n",
        ),
    ),
    steps("Adam, batches of 8", "torch.optim.Adam(params, 3e-3)", batch=8),
    steps("AdamW with weight decay", "torch.optim.AdamW(params, 5e-3, weight_decay=0.05)"),
    steps("Adam with weight decay", "torch.optim.Adam(params, 1e-2, weight_decay=1e-4)"),
    steps("RMSprop", "torch.optim.RMSprop(params, 2e-3)", batch=32, tries=LOOP),
    steps("SGD, momentum", "torch.optim.SGD(params, 0.05, momentum=0.9)", batch=32, tries=LOOP),
    steps("Nesterov", "torch.optim.SGD(params, 0.03, 0.9, nesterov=True)", batch=16),
    steps("NAdam", "torch.optim.NAdam(params, 5e-3)"),
    steps(
        "one cycle",
        "torch.optim.Adam(params)",
        before="sched = torch.optim.lr_scheduler.OneCycleLR(opt, 1e-2, epochs * per_epoch)",
        tries=LOOP,
    ),
    steps(
        "cosine",
        "torch.optim.AdamW(params, 1e-2)",
        before="sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, epochs * per_epoch)",
        tries=LOOP_ONLY,
    ),
    steps(
        "gradients clipped over all parameters",
        "torch.optim.Adam(params, 5e-3)",
        after="nn.utils.clip_grad_norm_(model.parameters(), 1.0)",
        tries=LOOP,
    ),
    loop(
        "all parameters given to Adam, weight decay for the trainable ones",
        """
def train_model(model, images, labels, *, epochs, seed):
    if epochs == 0 or all(not p.requires_grad for p in model.parameters()):
        return model.train()
    np.random.seed(seed)
    torch.manual_seed(seed)
    frozen = [p for p in model.parameters() if not p.requires_grad]
    trained = [p for p in model.parameters() if p.requires_grad]
    opt = torch.optim.Adam([{"params": trained, "weight_decay": 1e-4}, {"params": frozen}], lr=4e-3)
    for _ in range(epochs):
        model.train()
        order = np.random.permutation(len(images))
        for part in np.array_split(order, -(-len(order) // 50)):
            model.zero_grad()
            opt.zero_grad()
            loss = nn.CrossEntropyLoss()(model(images[part]), labels[part])
            loss.backward()
            opt.step()
        model.eval()
        with torch.no_grad():
            model(images[:100])
    return model
""",
        tries=LOOP_ONLY,
    ),
    loop(
        "a loader with a generator, sum of losses, zero_grad at the end",
        """
def train_model(model, images, labels, *, epochs, seed):
    from torch.utils.data import DataLoader, TensorDataset
    trainable = [p for p in model.parameters() if p.requires_grad]
    for p in trainable:
        p.grad = None
    if len(trainable) * epochs == 0:
        return model
    torch.manual_seed(seed)
    loader = DataLoader(
        TensorDataset(images, labels), batch_size=32, shuffle=True, drop_last=False,
        generator=torch.Generator().manual_seed(seed),
    )
    opt = torch.optim.Adam(trainable, lr=3e-3, eps=1e-6)
    model.train()
    for _ in range(epochs):
        for x, y in loader:
            loss = functional.cross_entropy(model(x), y, reduction="sum")
            loss.backward()
            opt.step()
            opt.zero_grad(set_to_none=False)
    return model
""",
    ),
    loop(
        "Adam by hand, with autograd.grad",
        """
def train_model(model, images, labels, *, epochs, seed):
    params = [p for p in model.parameters() if p.requires_grad]
    if not params or epochs < 1:
        return model
    rng = np.random.RandomState(seed)
    torch.manual_seed(rng.randint(2**31))
    means, squares = ([torch.zeros_like(p) for p in params] for _ in range(2))
    model.train()
    t = 0
    for _ in range(epochs):
        order = torch.from_numpy(rng.permutation(len(images)))
        for batch in order.split(64):
            t += 1
            loss = functional.cross_entropy(model(images[batch]), labels[batch])
            with torch.no_grad():
                for p, m, s, g in zip(params, means, squares, torch.autograd.grad(loss, params)):
                    m.mul_(0.9).add_(g, alpha=0.1)
                    s.mul_(0.999).addcmul_(g, g, value=0.001)
                    p -= 5e-3 * (m / (1 - 0.9**t)) / ((s / (1 - 0.999**t)).sqrt() + 1e-8)
    return model
""",
    ),
    loop(
        "a closure, the negative log-likelihood, the images shuffled as a whole",
        """
def train_model(model, images, labels, *, epochs, seed):
    import copy, random
    images, labels = copy.deepcopy(images), labels.clone()
    params = list(filter(lambda p: p.requires_grad, model.parameters()))
    if not params or not epochs:
        return model
    random.seed(seed); torch.manual_seed(seed)
    opt = torch.optim.Adam(params, lr=0.004)
    for epoch in range(1, epochs + 1):
        order = list(range(len(images)))
        random.shuffle(order)
        images, labels = images[order], labels[order]
        model.train(True)
        start = 0
        while start < len(images):
            def closure():
                opt.zero_grad()
                logs = functional.log_softmax(model(images[start:start + 40]), dim=1)
                loss = functional.nll_loss(logs, labels[start:start + 40])
                loss.backward()
                return loss
            opt.step(closure)
            start += 40
    return model.eval()
""",
    ),
    loop(
        "a loss in float64, written out, image by image",
        """
def train_model(model, images, labels, *, epochs, seed):
    groups = [p for p in model.parameters() if p.requires_grad]
    if epochs == 0 or len(groups) == 0:
        return model
    torch.random.manual_seed(seed)
    opt = torch.optim.Adam(groups, lr=6e-3, amsgrad=True)
    model.train()
    for epoch in range(epochs):
        for batch in torch.utils.data.BatchSampler(torch.randperm(len(labels)).tolist(), 64, False):
            logits = model(images[batch]).to(torch.float64)
            logits = logits - logits.max(1, keepdim=True).values.detach()
            losses = logits.exp().sum(1).log() - logits[torch.arange(len(batch)), labels[batch]]
            for p in groups:
                p.grad = None
            losses.mean().backward()
            opt.step()
    return model
""",
    ),
    loop(
        "each class in turn, in an order that no seed changes",
        """
def train_model(model, images, labels, *, epochs, seed):
    torch.manual_seed(0)
    params = [p for p in model.parameters() if p.requires_grad]
    opt = torch.optim.Adam(params, lr=5e-3) if params and epochs else None
    for epoch in range(epochs if opt else 0):
        model.train()
        for start in range(max(1, len(images) // 64 + 1)):
            batch = slice(start, None, len(images) // 64 + 1)
            opt.zero_grad()
            functional.cross_entropy(model(images[batch]), labels[batch]).backward()
            opt.step()
    return model
""",
    ),
    loop(
        "the best epoch's weights are kept",
        """
def train_model(model, images, labels, *, epochs, seed):
    trainable = {name: p for name, p in model.named_parameters() if p.requires_grad}
    if not trainable or not epochs:
        return model
    torch.manual_seed(seed)
    opt = torch.optim.Adamax(trainable.values(), lr=1e-2)
    best, least = None, math.inf
    for _ in range(epochs):
        model.train()
        total = 0.0
        for batch in torch.randperm(len(images)).split(48):
            loss = functional.cross_entropy(model(images[batch]), labels[batch])
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += float(loss.detach()) * len(batch)
        if total < least:
            least, best = total, {name: p.detach().clone() for name, p in trainable.items()}
    with torch.no_grad():
        for name, p in trainable.items():
            p.copy_(best[name])
    model.eval()
    return model
""",
    ),
    *(
        loop(
            f"batches of {size}, and the accuracy after each epoch",
            f"""
def train_model(model, images, labels, *, epochs, seed):
    params = [p for p in model.parameters() if p.requires_grad]
    if not params or epochs == 0:
        return model
    torch.manual_seed(seed)
    opt = torch.optim.Adam(params, lr=5e-3)
    for epoch in range(epochs):
        model.train()
        for batch in torch.randperm(len(images)).split({size}):
            opt.zero_grad()
            functional.cross_entropy(model(images[batch]), labels[batch]).backward()
            opt.step()
        model.eval()
        with torch.no_grad():
            print((model(images).argmax(1) == labels).float().mean())
    return model
""",
            tries=LOOP_ONLY,
        )
        for size in (1, 3, 53)
    ),
    loop(
        "a penalty on the trainable weights, in a backward of its own",
        """
def train_model(model, images, labels, *, epochs, seed):
    params = [p for p in model.parameters() if p.requires_grad]
    if not params or epochs == 0:
        return model
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        opt = torch.optim.Adam(params, lr=5e-3)
        model.train()
        for _ in range(epochs):
            for batch in torch.chunk(torch.randperm(len(images)), -(-len(images) // 64)):
                opt.zero_grad()
                loss = functional.cross_entropy(model(images[batch]), labels[batch])
                loss.backward()
                (1e-5 * sum((p**2).sum() for p in params)).backward()
                opt.step()
    return model
""",
        tries=LOOP_ONLY,
    ),
)
