"""Which probes an arm is asked."""

import itertools

from synthia import arms


def test_all_probes_are_asked_unless_the_recipe_says_how_many() -> None:
    assert arms.asked(range(72), None) == list(range(72))
    assert arms.asked(range(72), 72) == arms.asked(range(72), 100) == list(range(72))


def test_fewer_probes_are_evenly_spaced_and_each_once() -> None:
    assert arms.asked(range(72), 18) == list(range(0, 72, 4))
    for most in range(1, 72):
        chosen = arms.asked(range(72), most)
        assert len(set(chosen)) == most
        gaps = [after - before for before, after in itertools.pairwise(chosen)]
        assert not gaps or max(gaps) - min(gaps) <= 1
