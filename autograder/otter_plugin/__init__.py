"""The road through Otter: a plugin that has the submission graded outside of Otter's process.

``otter_config.json`` names the plugin ``autograder.otter_plugin.SandboxPlugin``. Otter imports this
package, so nothing here may load torch or pytest: they live and end in the grading process, before
Otter starts its kernel, and the two never need memory at the same time.
"""

from autograder.otter_plugin.plugin import SandboxPlugin

__all__ = ["SandboxPlugin"]
