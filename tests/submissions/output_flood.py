# Prints 50 MB while it loads and 1 MB in each call, and is right all the same.
import sys

for _ in range(50):
    print("x" * 1_000_000)


def output_size(size, k):
    print("y" * 500_000)
    print("z" * 500_000, file=sys.stderr)
    if k < 1 or k > size:
        raise ValueError("the kernel does not fit")
    return size - k + 1
