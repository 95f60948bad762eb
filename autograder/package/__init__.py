"""Makes what instructors upload: ``dist/autograder.zip``, the same bytes on every run."""
