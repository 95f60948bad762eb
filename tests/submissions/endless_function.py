# One function never returns; the other one is right.
def build_conv_matrix(kernel, n):
    while True:
        n += 1


def output_size(size, k):
    if k < 1 or k > size:
        raise ValueError("the kernel does not fit")
    return size - k + 1
