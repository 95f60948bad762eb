"""`python -m bench`: every benchmark, one after the other."""

from bench import class_run, gradescope, overhead

for benchmark in (overhead, gradescope, class_run):
    print(f"# {(benchmark.__doc__ or '').splitlines()[0]}")
    benchmark.main()
    print()
