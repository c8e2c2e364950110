"""How sure a few answers make: exact intervals of a share, and the exact test of paired answers.

No locked environment of a stage holds scipy; the sums below are short and exact for the few dozen answers
of a diagnosis. A test compares them with published values.

Not covered: many answers (thousands), where these sums would be slow.
"""

import math
from collections.abc import Mapping
from typing import Any

ALPHA = 0.05
"""Level of all tests, and one minus that of all intervals, two-sided."""

UNDECIDED = "not enough evidence"


def _at_most(count: int, whole: int, share: float) -> float:
    """P(X <= count) for X binomial of `whole` trials with this share."""
    return math.fsum(
        math.comb(whole, k) * share**k * (1 - share) ** (whole - k) for k in range(count + 1)
    )


def interval(part: int, whole: int) -> tuple[float, float]:
    """Clopper and Pearson's exact interval of the share part / whole, at level 1 - ALPHA.

    Clopper & Pearson, Biometrika 26 (1934), 404: the shares at which a tail of the binomial
    distribution has the probability ALPHA / 2. Nothing is known of no trials: (0, 1).
    """
    low = 0.0 if part == 0 else _solve(lambda p: 1 - _at_most(part - 1, whole, p), ALPHA / 2)
    high = 1.0 if part == whole else _solve(lambda p: 1 - _at_most(part, whole, p), 1 - ALPHA / 2)
    return low, high


def _solve(rising: "object", wanted: float) -> float:
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < wanted else (low, middle)  # type: ignore[operator]
    return (low + high) / 2


def mcnemar(better: int, worse: int) -> float:
    """The exact two-sided p of McNemar's test, of pairs that became better and worse.

    McNemar, Psychometrika 12 (1947), 153, with the binomial distribution in place of chi square: were
    both kinds as likely, so uneven a split would come up with this probability.
    """
    changed = better + worse
    return min(1.0, 2 * _at_most(min(better, worse), changed, 0.5)) if changed else 1.0


def fault_rate(part: int, whole: int, allowed: float) -> str:
    """What so many faults in so many answers say of an allowed share: "fault", "open" or "fine".

    "open" means that answers failed and that so few of them prove nothing.
    """
    if part and interval(part, whole)[0] > allowed:
        return "fault"
    return "open" if part and part / whole > allowed else "fine"


def paired(ours: Mapping[str, bool], theirs: Mapping[str, bool]) -> dict[str, Any]:
    """Answers to the same probes, by probe whether each is good: what becomes of ours as theirs.

    Counts of those that fail, recover and worsen; the interval of the share that recovers; McNemar's p.
    """
    both = [(ours[probe], theirs[probe]) for probe in ours if probe in theirs]
    failing = sum(not one for one, _ in both)
    recovered = sum(other and not one for one, other in both)
    worsened = sum(one and not other for one, other in both)
    return {"failing": failing, "recovered": recovered, "worsened": worsened,
            "p": mcnemar(recovered, worsened), "interval": interval(recovered, failing)}  # fmt: skip


def said(found: Mapping[str, Any]) -> str:
    """What `paired` returns in words, and whether that is enough to conclude from."""
    low, high = found["interval"]
    few = "" if found["p"] < ALPHA else f": {UNDECIDED}"
    return (
        f"{found['recovered']} of {found['failing']} failing answers recover (95 % interval {low:.0%} to "
        f"{high:.0%}), {found['worsened']} good ones fail, p = {found['p']:.2g}{few}"
    )
