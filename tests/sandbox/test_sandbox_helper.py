"""The package that students import, as a worker has it: theirs is never looked for."""

SETUP = "import numpy as np\nimport torch\nimport cnn_lab as lab\nimport otter"


def test_experiments_do_nothing(submit):
    submission = submit(
        SETUP,
        "def train_model(*args, **kwargs):\n    raise RuntimeError('called')\nran = train_model",
        "result = lab.compare_cnn_and_mlp(train_model, train_model, None)\n"
        "lab.run_fixed_place(seeds=range(10**9))\n"
        "trained = lab.train_image_maps()\nlab.show_moving_digit(trained)\n"
        "from cnn_lab.experiments import show_sharing\nshow_sharing(train_model, train_model)\n"
        "lab.random_features(train_model, None, result)\n"
        "grader = otter.Notebook(tests_dir='tests')\ngrader.check('q2a')",
        "def attack():\n    return 1.0",
    )
    assert submission.reports == (), "no cell failed"
    assert submission.value() == 1.0


def test_a_function_given_to_an_experiment_is_still_the_student_s(submit):
    submission = submit(SETUP, "def attack():\n    return 3.0", "lab.show_conv_matrix(attack)")
    assert submission.value() == 3.0


def test_data_and_networks_are_the_real_ones(submit):
    """A student may use them in an answer, as in the notebook."""
    submission = submit(
        SETUP,
        "data = lab.load_data()",
        "def attack():\n"
        "    mlp = lab.mlp(seed=0)\n"
        "    logits = mlp(data.train_images[:2])\n"
        "    return [len(data.train_labels), logits.shape[1], lab.count_parameters(mlp)[0]]",
    )
    assert submission.value() == [2876, 10, 19968]


def test_a_bad_path_is_the_student_s_error(submit):
    submission = submit(SETUP, "data = lab.load_data('/no/such/folder')")
    (report,) = submission.reports
    assert "DataError" in report.error


def test_what_a_submission_writes_does_not_take_its_place(submit):
    submission = submit(
        "import os, sys\nos.makedirs('cnn_lab', exist_ok=True)\n"
        "open('cnn_lab/__init__.py', 'w').write('theirs = True')\nsys.path.insert(0, os.getcwd())",
        SETUP,
        "def attack():\n    return hasattr(lab, 'theirs')",
    )
    assert submission.value() is False
