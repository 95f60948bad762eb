"""Wrong trainings for questions 2a and 2d: steps, losses, pairs and batches."""

from programs.training_program import LOOP, LOOP_AND_HEAD, LOOP_AND_RUN, slip

RUNS = "run_training d:random_features"
"""What a training fails that does not learn the course data."""
UNCHANGED = "repeats returns_the_model nothing_to_train"
"""What it fails when it leaves the weights as they are."""
TRAINED = "d:frozen_weights_stay d:stale_gradients"
BATCHES = "for start in range(0, len(images), 64):"
CALL = "logits = model(images[batch])"
LOSS = "loss = functional.cross_entropy(logits, labels[batch])"

WRONG_TRAINING = (
    # Steps.
    slip(
        "no step",
        f"learns {UNCHANGED} {TRAINED}",
        ("            opt.step()\n", ""),
    ),
    slip(
        "no zero_grad",
        "own_gradient",
        ("            opt.zero_grad()\n", ""),
    ),
    slip(
        "zero_grad once an epoch",
        "own_gradient",
        ("            opt.zero_grad()\n", ""),
        ("        order =", "        opt.zero_grad()\n        order ="),
    ),
    slip(
        "a step every second batch",
        "own_gradient",
        ("            opt.zero_grad()\n", ""),
        (
            "            opt.step()\n",
            "            if start // 64 % 2 or start + 64 >= len(images):\n"
            "                opt.step()\n                opt.zero_grad()\n",
        ),
    ),
    slip(
        "zero_grad after backward",
        f"learns {UNCHANGED} {TRAINED}",
        ("            opt.zero_grad()\n", ""),
        ("loss.backward()\n", "loss.backward()\n            opt.zero_grad()\n"),
    ),
    slip("a wild learning rate", "run_training", ("lr=5e-3", "lr=3.0"), tries=LOOP_AND_RUN),
    slip("a tiny learning rate", RUNS, ("lr=5e-3", "lr=1e-5"), tries=LOOP),
    slip(
        "weights start again",
        "returns_the_model",
        (
            "    torch.manual_seed(seed)\n",
            "    torch.manual_seed(seed)\n"
            "    for p in params:\n        nn.init.normal_(p, std=0.1)\n",
        ),
    ),
    # The loss.
    slip("softmax before cross-entropy", "cross_entropy", (CALL, f"{CALL}.softmax(1)")),
    slip(
        "label smoothing",
        "cross_entropy",
        ("labels[batch])", "labels[batch], label_smoothing=0.1)"),
    ),
    slip(
        "class weights",
        "cross_entropy",
        ("labels[batch])", "labels[batch], weight=torch.arange(1.0, 11))"),
    ),
    slip(
        "squared errors",
        "cross_entropy",
        (LOSS, "loss = (logits - functional.one_hot(labels[batch], 10)).pow(2).mean()"),
    ),
    slip(
        "a margin loss",
        "cross_entropy",
        (LOSS, "loss = functional.multi_margin_loss(logits, labels[batch])"),
    ),
    slip(
        "sigmoids, class by class",
        "cross_entropy",
        (
            LOSS,
            "loss = functional.binary_cross_entropy_with_logits("
            "logits, functional.one_hot(labels[batch], 10).float())",
        ),
    ),
    slip(
        "logits divided by a temperature",
        "cross_entropy",
        ("(logits, labels", "(logits / 2, labels"),
    ),
    slip(
        "only half of each batch counts",
        "cross_entropy",
        (LOSS, "loss = functional.cross_entropy(logits[::2], labels[batch][::2])"),
    ),
    slip(
        "only wrong answers count",
        "cross_entropy",
        (
            LOSS,
            "loss = (functional.cross_entropy(logits, labels[batch], reduction='none')"
            " * (logits.argmax(1) != labels[batch])).sum()",
        ),
    ),
    # Pairs, orders, batches.
    slip(
        "labels not shuffled with the images",
        "cross_entropy learns run_training",
        ("logits, labels[batch]", "logits, labels[start:start + 64]"),
        tries=LOOP_AND_RUN,
    ),
    slip(
        "labels shuffled twice",
        "cross_entropy learns d:random_features",
        ("logits, labels[batch]", "logits, labels[order][batch]"),
        tries=LOOP_AND_HEAD,
    ),
    slip(
        "no shuffle",
        RUNS,
        ("torch.randperm(len(images))", "torch.arange(len(images))"),
        tries=LOOP,
    ),
    slip(
        "batches drawn with repetition",
        "every_image_once",
        ("torch.randperm(len(images))", "torch.randint(len(images), (len(images),))"),
    ),
    slip(
        "last part of a batch dropped",
        "every_image_once",
        (BATCHES, "for start in range(0, len(images) - 63 if len(images) > 64 else 1, 64):"),
    ),
    slip(
        "nothing when there are fewer images than a batch",
        "every_image_once",
        (BATCHES, "for start in range(0, len(images) - 63, 64):"),
    ),
    slip(
        "the first batch only",
        f"every_image_once {RUNS}",
        ("            opt.step()\n", "            opt.step()\n            break\n"),
        tries=LOOP,
    ),
    slip(
        "one image fewer",
        "every_image_once",
        ("range(0, len(images), 64)", "range(0, len(images) - 1, 64)"),
        ("order[start:start + 64]", "order[start:min(start + 64, len(images) - 1)]"),
    ),
    slip(
        "a tenth kept for validation",
        "every_image_once",
        (
            "    model.train()\n",
            "    images = images[: -(len(images) // 10) or None]\n    model.train()\n",
        ),
    ),
    slip("always 10 epochs", "every_image_once", ("range(epochs)", "range(10)")),
    slip("an epoch too many", "every_image_once", ("range(epochs)", "range(epochs + 1)")),
    slip("an epoch too few", "every_image_once", ("range(epochs)", "range(1, epochs)")),
    slip(
        "two forwards a batch",
        "every_image_once",
        (CALL, f"{CALL}; right = (model(images[batch]).argmax(1) == labels[batch]).sum()"),
    ),
    slip(
        "accuracy in train mode after each epoch",
        "every_image_once",
        (
            "opt.step()\n    return",
            "opt.step()\n        with torch.no_grad():\n"
            "            right = (model(images).argmax(1) == labels).float().mean()\n    return",
        ),
    ),
)
