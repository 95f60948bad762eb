"""Makes hypothesis draw the same examples for a check everywhere and every time.

``derandomize`` alone does not: hypothesis also collects constants from the source files of local
modules, and which modules count as local depends on where they lie.
"""

from hypothesis import HealthCheck, Phase, settings
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants

__all__ = ["load_profile"]

_PROFILE = "hidden-checks"


def load_profile() -> None:
    """Set the profile of the hidden checks; call before they are imported."""
    nothing = Constants()
    providers._get_local_constants = lambda: nothing
    settings.register_profile(
        _PROFILE,
        derandomize=True,
        database=None,
        deadline=None,  # a slow machine must not fail a student
        max_examples=50,
        phases=(Phase.explicit, Phase.generate, Phase.shrink),
        print_blob=False,
        report_multiple_bugs=False,  # one small counterexample is read, five are not
        suppress_health_check=tuple(HealthCheck),
    )
    settings.load_profile(_PROFILE)
