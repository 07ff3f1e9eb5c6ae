"""Checks for the exercises of chapter 3, Convolutional autoencoders."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from ._exercise import Property, equals, exercise


@exercise("Exercise 1 (sides)")
def convolved_side(attempt: Callable[[int, int, int, str], int]) -> Iterator[Property]:
    """Check a function of (side, kernel, stride, padding) that gives the side of a convolution's output.

    Reference values: the printed shapes of Venkatesh's Fig. 8 (padded) and Priovolos' Fig. 6 (unpadded).
    """
    first = attempt(256, 3, 1, "same")
    yield equals(first, 256), "a padded 3x3 convolution with stride 1 keeps 256 px", _got(first, 256)
    halved = attempt(128, 3, 2, "same")
    yield equals(halved, 64), "padded, stride 2: 128 px become 64", _got(halved, 64)
    odd = attempt(65, 5, 2, "same")
    yield (
        equals(odd, 33),
        "padded, stride 2: 65 px become 33",
        f"{_got(odd, 33)} Padding keeps the window that starts at the last pixel: round up, not down.",
    )
    narrow = attempt(64, 5, 1, "valid")
    yield (
        equals(narrow, 60),
        "an unpadded 5x5 convolution takes 4 px off 64",
        f"{_got(narrow, 60)} The window needs room: it fits at side - kernel + 1 places.",
    )
    sides = [256]
    for _ in range(6):
        sides.append(attempt(sides[-1], 4, 2, "valid"))
    wanted = [256, 127, 62, 30, 14, 6, 2]
    yield (
        all(map(equals, sides, wanted)),
        "six unpadded 4x4 convolutions with stride 2 run 256, 127, 62, 30, 14, 6, 2",
        f"Yours run {', '.join(map(str, sides))}. Steps that the kernel cannot complete are dropped: round down.",
    )


@exercise("Exercise 2 (weights)")
def convolution_weights(attempt: Callable[[int, int, int, bool, bool], int]) -> Iterator[Property]:
    """Check a function of (kernel, inputs, outputs, bias, norm) that counts a convolution's weights.

    Reference values: lines of Priovolos' Figs. 6 and 7 and of Venkatesh's Fig. 8.
    """
    first = attempt(3, 3, 16, True, False)
    yield (
        equals(first, 448),
        "3x3 from 3 channels to 16, with bias: 448",
        f"{_got(first, 448)} Each of the 16 kernels spans all 3 channels of the input, and has one bias.",
    )
    plain = attempt(4, 3, 16, False, False)
    yield equals(plain, 768), "4x4 from 3 to 16 without bias: 768", _got(plain, 768)
    normed = attempt(4, 16, 32, False, True)
    yield (
        equals(normed, 8320),
        "4x4 from 16 to 32 without bias, with batch norm: 8,320",
        f"{_got(normed, 8320)} Batch norm keeps four numbers for each output channel: scale, shift, mean, variance.",
    )
    both = attempt(5, 3, 256, True, True)
    yield equals(both, 20_480), "5x5 from 3 to 256 with bias and batch norm: 20,480", _got(both, 20_480)


@exercise("Exercise 3 (receptive field)")
def field_of_view(attempt: Callable[[Sequence[tuple[int, int]]], int]) -> Iterator[Property]:
    """Check a function of a list of (kernel, stride) that gives the side of the receptive field in input pixels.

    Reference values counted by hand; the last is measured in the chapter by changing pixels.
    """
    none = attempt([])
    yield equals(none, 1), "with no layer at all, a pixel sees itself: 1", _got(none, 1)
    two = attempt([(3, 1), (3, 1)])
    yield (
        equals(two, 5),
        "two 3x3 convolutions see 5 px",
        f"{_got(two, 5)} The second layer adds kernel - 1 = 2 pixels to the first one's 3.",
    )
    strided = attempt([(3, 2), (3, 1)])
    yield (
        equals(strided, 7),
        "a stride of 2 doubles what the next layer adds: 7 px",
        f"{_got(strided, 7)} After a stride of 2, neighbours lie 2 input pixels apart.",
    )
    order = attempt([(3, 1), (3, 2)])
    yield (
        equals(order, 5),
        "a stride in the last layer adds nothing: 5 px",
        f"{_got(order, 5)} A layer's own stride counts for the layers after it.",
    )
    encoder = attempt([(5, 2)] * 3)
    yield equals(encoder, 29), "three 5x5 convolutions with stride 2 see 29 px", _got(encoder, 29)


@exercise("Exercise 4 (overlaps)")
def overlaps(attempt: Callable[[int, int], Sequence[int]]) -> Iterator[Property]:
    """Check a function of (kernel, stride): how often each of `stride` neighbouring outputs is painted.

    Away from the border, along one axis, in any order that starts at the kernel's first pixel. Reference values:
    a transposed convolution with a kernel of ones, painted by hand.
    """
    for kernel, stride, why in (
        (2, 2, "Squares of 2 laid 2 apart touch and do not overlap."),
        (4, 2, "4 is twice 2: every output lies under two squares."),
        (3, 2, "3 is not a multiple of 2: every other output lies under two squares."),
        (5, 2, "Outputs take turns under three squares and two."),
        (5, 3, "Within three outputs, two lie under two squares and one under one."),
        (2, 3, "Squares of 2 laid 3 apart leave every third output bare."),
    ):
        wanted = _painted(kernel, stride)
        found = np.asarray(attempt(kernel, stride))
        yield (
            found.shape == (stride,) and sorted(found.tolist()) == sorted(wanted),
            f"kernel {kernel}, stride {stride}: counts {_list(wanted)}",
            f"Yours are {_list(found.ravel())}. {why}",
        )


def _painted(kernel: int, stride: int) -> list[int]:
    """Lay squares on a line, count, and read off the counts far from both ends."""
    squares = 2 * kernel + 2
    line = np.zeros(squares * stride + kernel, dtype=int)
    for start in range(0, squares * stride, stride):
        line[start : start + kernel] += 1
    middle = (squares // 2) * stride
    return line[middle : middle + stride].tolist()


def _got(found: object, wanted: int) -> str:
    return f"Your answer is {found}, where {wanted:,} is right."


def _list(values: Sequence[int]) -> str:
    return ", ".join(str(value) for value in values) or "none"
