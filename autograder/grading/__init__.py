"""From paths on the command line to results: finds submissions, and grades them in parallel."""
