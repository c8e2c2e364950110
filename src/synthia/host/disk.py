"""Free disk space, in bytes, that each kind of work wants before it begins.

About 1.3 times what environments take (train: 7.5 GB), twice what a build of llama.cpp takes, and for
images what a build from nothing filled. `./invoke doctor` judges a machine by the same numbers.

Not covered: looking how much is free; who does the work does that, on the disk where it does it.
"""

ENVIRONMENTS = {
    "train": 10 * 10**9,
    "convert": 9 * 10**9,
    "tools": 10**9,
    "cuda": 2 * 10**9,
    "dev": 10**9,
    "consumers": 10**9,
    "launch": 10**9,
    "signing": 10**9,
    "transformers-4": 10**9,
    "engines": 10**9,
}
LLAMA_CPP = 3 * 10**9
IMAGES = {"train": 32 * 10**9, "convert": 30 * 10**9, "convert-cuda": 36 * 10**9}
IMAGES_SHARED = 16 * 10**9
"""What a second image finds already there when it is built after the first."""
REPRODUCED = {"train": 50 * 10**9, "convert": 50 * 10**9, "convert-cuda": 55 * 10**9}
"""A whole image built twice: both builds' wheels and files, a layout, the vendored folder."""
