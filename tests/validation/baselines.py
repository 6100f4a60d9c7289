"""Other ways to forecast when a training ends, to be measured against.

Each takes what has been `Seen` and gives the total time in seconds, one with an interval,
or None: no forecast from so little. Nothing here is tuned on the traces but `BAND`.
"""

import itertools
import math
from statistics import median

from validation import baseline_curves
from validation.scorer import Seen

from ocarbon_magic.run import Projection


def intervals(seen: Seen):
    """Return seconds, work and last row of each interval of progress; a pause ends it."""
    t_s, work = seen.t_s, seen.work
    found = []
    for row in range(1, len(t_s)):
        dt, dw = t_s[row] - t_s[row - 1], work[row] - work[row - 1]
        if dw > 0:
            found.append([dt, dw, row])
        elif found:
            found[-1][0] += dt
            found[-1][2] = row
    return found


def mean_rate(seen: Seen):
    """Go on at the mean rate so far, as the plain progress bar does."""
    return seen.at_rate_since(0)


def tqdm_ema(seen: Seen, smoothing=0.3, refresh_s=0.1):
    """Go on at tqdm's rate: exponential means of time and work, taken at each refresh."""
    work_mean = time_mean = 0.0
    last_s, last_work = seen.t_s[0], seen.work[0]
    for now_s, done in zip(seen.t_s[1:], seen.work[1:], strict=True):
        if done <= last_work or now_s - last_s < refresh_s:
            continue
        work_mean = smoothing * (done - last_work) + (1 - smoothing) * work_mean
        time_mean = smoothing * (now_s - last_s) + (1 - smoothing) * time_mean
        last_s, last_work = now_s, done
    if time_mean <= 0:
        return mean_rate(seen)
    return seen.at_rate(work_mean / time_mean)


def last_window(seen: Seen, share=0.1):
    """Go on at the rate of the last tenth of the work seen."""
    work = seen.work
    goal = work[-1] - share * (work[-1] - work[0])
    row = len(work) - 2
    while row > 0 and (work[row] > goal or work[row] >= work[-1]):
        row -= 1
    return seen.at_rate_since(row)


def first_block(seen: Seen):
    """Multiply the first epoch, or without epochs the first percent: carbontracker's rule."""
    block = seen.epoch_work or 0.01 * seen.total_work
    whole = [
        (abs(done - block), now_s, done)
        for now_s, done in zip(seen.t_s, seen.work, strict=True)
        if done >= 0.5 * block
    ]
    if not whole:
        return mean_rate(seen)
    _, now_s, done = min(whole)
    return max(seen.t_s[-1], now_s * seen.total_work / done)


def start_up(seen: Seen):
    """Return the row where the start-up ends: the best split of log pace in the first half.

    It is 0 when no split pays for itself (BIC). Paces count up to six standard deviations
    from the median, so that one long pause makes no phase.
    """
    base = [interval for interval in intervals(seen) if interval[0] > 0]
    n = len(base)
    if n < 3:
        return 0
    paces = [math.log(dt / dw) for dt, dw, _ in base]
    middle = median(paces)
    limit = max(6 * 1.4826 * (median(abs(p - middle) for p in paces) + 1e-3), 0.05)
    paces = [min(max(p, middle - limit), middle + limit) for p in paces]
    total, square = sum(paces), sum(p * p for p in paces)
    whole = square - total * total / n
    best, where, head, head_square = whole, 0, 0.0, 0.0
    for k in range(1, max(2, n // 2 + 1)):
        head += paces[k - 1]
        head_square += paces[k - 1] * paces[k - 1]
        rest = (total - head) / (n - k)
        left = (head_square - head * head / k) + (square - head_square - (total - head) * rest)
        if left < best:
            best, where = left, k
    floor = n * 1e-6
    if where and n * math.log((whole + floor) / (best + floor)) > 3 * math.log(n):
        return base[where - 1][2]
    return 0


def after_start_up(seen: Seen):
    """Go on at the mean rate since a detected start-up."""
    return seen.at_rate_since(start_up(seen))


def skip_first(seen: Seen):
    """Go on at the mean rate since the first interval of progress."""
    for row in range(1, len(seen.t_s) - 1):
        if seen.work[row] > seen.work[0]:
            return seen.at_rate_since(row)
    return mean_rate(seen)


def median_pace(seen: Seen):
    """Go on at the pace of the typical step, weighted by work: pauses come no more."""
    found = intervals(seen)
    first = next(row for row, work in enumerate(seen.work) if work > seen.work[0])
    found[0][0] += seen.t_s[first - 1] - seen.t_s[0]  # the wait before the first step
    pairs = sorted((dt / dw, dw) for dt, dw, _ in found)
    half, so_far = sum(dw for _, dw in pairs) / 2, 0.0
    for pace, dw in pairs:
        so_far += dw
        if so_far >= half:
            return seen.at_rate(1 / pace if pace > 0 else None)
    return None


def split_pauses(t_s, work):
    """Return busy intervals (seconds, work, row) and pauses (work, seconds, row).

    A pause is time without progress, or what an interval took beyond five times what it
    takes at the median pace.
    """
    rows = range(1, len(t_s))
    deltas = [(t_s[row] - t_s[row - 1], work[row] - work[row - 1], row) for row in rows]
    typical = median([dt / dw for dt, dw, _ in deltas if dw > 0] or [0.0])
    busy, pauses = [], []
    for dt, dw, row in deltas:
        at, paused_s = work[row - 1], dt if dw <= 0 else 0.0
        if typical and dw > 0 and dt > 5 * typical * dw:
            paused_s = dt - typical * dw
        if paused_s or dw <= 0:
            if pauses and pauses[-1][0] == at:
                pauses[-1][1] += paused_s
                pauses[-1][2] = row
            else:
                pauses.append([at, paused_s, row])
        if dw > 0:
            busy.append((typical * dw if paused_s else dt, dw, row))
    return busy, pauses


def pause_aware(seen: Seen):
    """Count a start-up once, go on at the busy pace, with pauses spaced as before."""
    busy, pauses = split_pauses(seen.t_s, seen.work)
    busy_s, busy_work = [0.0], [0.0]
    for dt, dw, _ in busy:
        busy_s.append(busy_s[-1] + dt)
        busy_work.append(busy_work[-1] + dw)
    without = Seen(busy_s, busy_work, seen.total_work)
    total_s = seen.at_rate(without.rate_since(start_up(without)) or without.rate_since(0))
    if total_s is None:
        return None
    # The wait before the first step is start-up.
    pauses = [p for p in pauses if p[2] > busy[0][2] and p[0] > seen.work[0]]
    return total_s + pauses_ahead_s(seen, pauses)


def pauses_ahead_s(seen: Seen, pauses):
    """Return how long pauses will take that come as often as those seen."""
    if not pauses:
        return 0.0
    places = [at for at, _, _ in pauses]
    gaps = [after - before for before, after in itertools.pairwise(places)]
    spacing = sum(gaps) / len(gaps) if gaps else places[0] - seen.work[0]
    if spacing <= 0:
        return 0.0
    count = (seen.total_work - places[-1]) / spacing
    regular = len(gaps) > 1 and max(gaps) < 1.3 * min(gaps)
    count = math.ceil(count - 1e-6) - 1 if regular else count - 0.5
    return max(0.0, count) * sum(paused_s for _, paused_s, _ in pauses) / len(pauses)


def median_of(*forecasters):
    """Return the forecaster that gives the median of what others give."""

    def forecaster(seen: Seen):
        values = [value for f in forecasters if (value := f(seen)) is not None]
        return median(values) if values else None

    return forecaster


def affine(seen: Seen):
    """Go on at the pace of a straight line through time over work, fitted by least squares."""
    pace = baseline_curves.slope(seen.work, seen.t_s)
    return seen.at_rate(1 / pace if pace else None)


median_of_three = median_of(pause_aware, after_start_up, last_window)
median_of_five = median_of(
    mean_rate, last_window, after_start_up, affine, baseline_curves.saturating
)

# 80 % band of ln(true / forecast remaining time) / (block spread + 0.1) for the median of
# five, by share of the work seen: quantiles over the traces, so tuned on them.
BAND = (
    (0.01, -1.08, 1.42),
    (0.02, -2.02, 1.14),
    (0.05, -0.87, 1.19),
    (0.1, -0.67, 1.46),
    (0.25, -0.74, 1.69),
    (0.5, -0.63, 0.34),
)


def median_of_five_80(seen: Seen):
    """Give the median of five with an interval that widens with the unsteadiness seen."""
    total_s = median_of_five(seen)
    if total_s is None:
        return None
    share = seen.work[-1] / seen.total_work
    low, high = band_at(min(max(share, BAND[0][0]), BAND[-1][0]))
    scale = block_spread(seen) + 0.1
    now_s, rest_s = seen.t_s[-1], total_s - seen.t_s[-1]
    return Projection(
        value=total_s,
        low=now_s + rest_s * math.exp(max(low * scale, -4.0)),
        high=now_s + rest_s * math.exp(min(high * scale, 4.0)),
        level=0.8,
    )


def band_at(share):
    (a, *before), (b, *after) = next(
        pair for pair in itertools.pairwise(BAND) if share <= pair[1][0]
    )
    x = math.log(share / a) / math.log(b / a)
    return [p + x * (q - p) for p, q in zip(before, after, strict=True)]


def block_spread(seen: Seen):
    """Return the standard deviation of log pace over eight blocks since the start-up."""
    t_s, work, start = seen.t_s, seen.work, start_up(seen)
    first, last = work[start], work[-1]
    count = min(8, len(t_s) - 1 - start)
    if count < 2 or last <= first:
        return 0.1
    marks, row = [(t_s[start], first)], start
    for k in range(1, count + 1):
        while row < len(t_s) - 1 and work[row] < first + (last - first) * k / count:
            row += 1
        if work[row] > marks[-1][1]:
            marks.append((t_s[row], work[row]))
    paces = [
        math.log((b[0] - a[0]) / (b[1] - a[1])) for a, b in itertools.pairwise(marks) if b[0] > a[0]
    ]
    if len(paces) < 2:
        return 0.1
    mean = sum(paces) / len(paces)
    return math.sqrt(sum((p - mean) ** 2 for p in paces) / (len(paces) - 1))


BASELINES = {
    "mean rate": mean_rate,
    "tqdm's moving average": tqdm_ema,
    "last tenth": last_window,
    "first epoch or percent": first_block,
    "after a start-up": after_start_up,
    "without the first step": skip_first,
    "straight line": affine,
    "median pace": median_pace,
    "aware of pauses": pause_aware,
    "median of three": median_of_three,
    "median of five, 80 %": median_of_five_80,
    "saturating rate": baseline_curves.saturating,
    "power law": baseline_curves.power_law,
    "OpenCarbonEval's law as work": baseline_curves.logarithmic_work,
    "OpenCarbonEval's law": baseline_curves.logarithmic_throughput,
}
