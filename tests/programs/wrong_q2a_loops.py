"""Wrong trainings for questions 2a and 2d: images, seeds, what is returned, what is frozen."""

from programs.training_program import LOOP_AND_HEAD, slip
from programs.wrong_q2a_training import CALL, TRAINED, UNCHANGED

ONLY_TRAINABLE = "[p for p in model.parameters() if p.requires_grad]"

WRONG_LOOPS = (
    slip(
        "batch norm held in eval mode",
        "every_image_once",
        (
            "    for epoch in range(epochs):\n",
            "    for m in model.modules():\n"
            "        if isinstance(m, nn.BatchNorm1d | nn.BatchNorm2d):\n"
            "            m.eval()\n"
            "    for epoch in range(epochs):\n",
        ),
    ),
    slip(
        "gradients of four parts of a batch added up",
        "own_gradient",
        (
            "            logits = model(images[batch])\n"
            "            loss = functional.cross_entropy(logits, labels[batch])\n"
            "            loss.backward()\n",
            "            for part in batch.split(16):\n"
            "                loss = functional.cross_entropy(model(images[part]), labels[part])\n"
            "                (loss * len(part) / len(batch)).backward()\n",
        ),
    ),
    slip(
        "starts from weights of its own",
        "returns_the_model d:frozen_weights_stay d:stale_gradients",
        (
            "    torch.manual_seed(seed)\n",
            "    torch.manual_seed(seed)\n    for m in model.modules():\n"
            "        if isinstance(m, nn.Conv2d | nn.Linear):\n            m.reset_parameters()\n",
        ),
        tries=LOOP_AND_HEAD,
    ),
    # Modes and images.
    slip(
        "the gradient of a call in eval mode",
        "every_image_once",
        (
            "            logits = model(images[batch])\n",
            "            model(images[batch])\n            model.eval()\n"
            "            logits = model(images[batch])\n            model.train()\n",
        ),
    ),
    slip(
        "eval mode",
        "every_image_once",
        ("model.train()", "model.eval()"),
    ),
    slip(
        "noise on the images",
        "every_image_once",
        (CALL, "logits = model(images[batch] + 0.05 * torch.randn(images[batch].shape))"),
    ),
    slip(
        "images moved about",
        "every_image_once",
        (CALL, "logits = model(images[batch].roll(int(torch.randint(-2, 3, ())), 3))"),
    ),
    slip(
        "images mirrored",
        "every_image_once",
        (CALL, "logits = model(images[batch].flip(3) if torch.rand(()) < 0.5 else images[batch])"),
    ),
    slip(
        "images scaled",
        "every_image_once",
        (
            "    torch.manual_seed(seed)\n",
            "    torch.manual_seed(seed)\n    images = (images - images.mean()) / images.std()\n",
        ),
    ),
    slip(
        "images scaled in place",
        "every_image_once returns_the_model",
        (
            "    torch.manual_seed(seed)\n",
            "    torch.manual_seed(seed)\n    images.sub_(images.mean()).div_(images.std())\n",
        ),
    ),
    slip(
        "images shuffled in place",
        "returns_the_model",
        (
            "        order = torch.randperm(len(images))\n",
            "        p = torch.randperm(len(images))\n        images[:] = images[p].clone()\n"
            "        labels[:] = labels[p].clone()\n        order = torch.arange(len(images))\n",
        ),
    ),
    slip(
        "train mode for the first epoch only",
        "every_image_once",
        ("opt.step()\n    return model", "opt.step()\n        model.eval()\n    return model"),
    ),
    # Seeds.
    slip(
        "a generator that is made once",
        "repeats",
        ("\ndef train", "\nrng = torch.Generator().manual_seed(0)\n\ndef train"),
        ("len(images))\n", "len(images), generator=rng)\n"),
    ),
    slip("no seed", "repeats", ("    torch.manual_seed(seed)\n", "")),
    slip(
        "a seed for the order only",
        "repeats",
        ("    torch.manual_seed(seed)\n", "    rng = torch.Generator().manual_seed(seed)\n"),
        ("len(images))\n", "len(images), generator=rng)\n"),
    ),
    slip(
        "a seed for dropout only",
        "repeats",
        ("torch.randperm(len(images))", "torch.from_numpy(np.random.permutation(len(images)))"),
    ),
    slip(
        "seed 0 is none",
        "repeats",
        ("    torch.manual_seed(seed)\n", "    if seed:\n        torch.manual_seed(seed)\n"),
    ),
    slip(
        "a seed too large for numpy",
        "repeats",
        (
            "    torch.manual_seed(seed)\n",
            "    torch.manual_seed(seed)\n    np.random.seed(seed * 31 + 7)\n",
        ),
    ),
    # The model.
    slip("returns None", "returns_the_model", ("opt.step()\n    return model", "opt.step()")),
    slip(
        "returns a list of losses",
        "returns_the_model",
        ("opt.step()\n    return model", "opt.step()\n    return [0.5] * epochs"),
    ),
    slip(
        "returns a copy",
        "returns_the_model",
        (
            "opt.step()\n    return model",
            "opt.step()\n    import copy\n    return copy.deepcopy(model)",
        ),
    ),
    slip(
        "trains a copy",
        f"every_image_once own_gradient cross_entropy learns {UNCHANGED} {TRAINED}",
        ("    params =", "    import copy\n    model = copy.deepcopy(model)\n    params ="),
    ),
    # What is frozen, and what is left alone.
    slip(
        "unfreezes all",
        f"returns_the_model nothing_to_train {TRAINED} d:random_features",
        ("    params =", "    model.requires_grad_(True)\n    params ="),
        tries=LOOP_AND_HEAD,
    ),
    slip(
        "freezes all at the end",
        f"returns_the_model {TRAINED}",
        ("opt.step()\n    return model", "opt.step()\n    return model.requires_grad_(False)"),
    ),
    slip(
        "weight decay on all parameters, old gradients kept as 0",
        "d:stale_gradients",
        (f"params = {ONLY_TRAINABLE}", "params = list(model.parameters())"),
        ("if not params or", "if not any(p.requires_grad for p in params) or"),
        ("Adam(params, lr=5e-3)", "AdamW(params, lr=5e-3)"),
        ("opt.zero_grad()", "opt.zero_grad(set_to_none=False)"),
    ),
    slip(
        "weight decay by hand on all parameters",
        f"{TRAINED} d:random_features",
        (
            "opt.step()\n",
            "opt.step()\n            with torch.no_grad():\n"
            "                for p in model.parameters():\n                    p.mul_(0.9999)\n",
        ),
        tries=LOOP_AND_HEAD,
    ),
    slip(
        "an empty optimizer when all is frozen",
        "nothing_to_train",
        ("if not params or epochs == 0", "if epochs == 0"),
    ),
    slip(
        "a forward to look at shapes before anything",
        "every_image_once nothing_to_train",
        ("    params =", "    model.train(); model(images[:2])\n    params ="),
    ),
    slip(
        "a batch norm that is set to a new start",
        "nothing_to_train",
        (
            "    params =",
            "    for m in model.modules():\n        if hasattr(m, 'reset_running_stats'):\n"
            "            m.running_mean.fill_(0.5)\n    params =",
        ),
    ),
)
