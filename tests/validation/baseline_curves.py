"""Curves of work over time, fitted to what has been seen and followed to the total."""

import math

from validation.scorer import Seen

ROUNDS = 40
GOLDEN = (math.sqrt(5) - 1) / 2
MOST_POINTS = 400
FEWEST_ROWS = 3


def slope(x, y):
    """Return the slope of the least squares line, or None unless both rise."""
    x_mean, y_mean = sum(x) / len(x), sum(y) / len(y)
    xx = sum((a - x_mean) ** 2 for a in x)
    xy = sum((a - x_mean) * (b - y_mean) for a, b in zip(x, y, strict=True))
    return xy / xx if xx > 0 and xy > 0 else None


def fit(seen: Seen, shape, grid):
    """Return k and c of the best c * shape(k, t) to cumulative work, by least squares.

    ``grid`` holds ln k; between the neighbours of its best the golden section is searched.
    """
    points = [(t, work) for t, work in zip(seen.t_s, seen.work, strict=True) if t > 0]
    if len(points) > MOST_POINTS:
        points = [*points[:: len(points) // MOST_POINTS + 1], points[-1]]

    def loss(log_k):
        curve = [shape(math.exp(log_k), t) for t, _ in points]
        xx = sum(x * x for x in curve)
        xy = sum(x * work for x, (_, work) in zip(curve, points, strict=True))
        yy = sum(work * work for _, work in points)
        return (yy - xy / xx * xy, xy / xx) if xx > 0 else (math.inf, 0.0)

    best = min(range(len(grid)), key=lambda i: loss(grid[i])[0])
    a, b = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
    for _ in range(ROUNDS):
        c, d = b - GOLDEN * (b - a), a + GOLDEN * (b - a)
        if loss(c)[0] <= loss(d)[0]:
            b = d
        else:
            a = c
    log_k = math.log(math.exp((a + b) / 2))
    return math.exp((a + b) / 2), loss(log_k)[1]


def steps_of_one(low, high):
    return [low + i for i in range(int(high - low) + 1)]


def time_at(curve, goal, now_s):
    """Return when a rising curve reaches ``goal``, at most a million times as late as now."""
    low, high = now_s, max(now_s * 2, 1e-9)
    while curve(high) < goal:
        low, high = high, high * 2
        if high > now_s * 1e6:
            return high
    for _ in range(100):
        middle = (low + high) / 2
        if curve(middle) >= goal:
            high = middle
        else:
            low = middle
    return high


def followed(seen: Seen, shape, grid):
    if len(seen.t_s) < FEWEST_ROWS:
        return None
    k, c = fit(seen, shape, grid)
    if c <= 0:
        return None
    now_s = seen.t_s[-1]
    end_s = time_at(lambda t: c * shape(k, t), seen.total_work, now_s)
    return max(now_s, min(end_s, 1e6 * now_s))


def logarithmic_work(seen: Seen):
    """Follow OpenCarbonEval's law read as cumulative work, c ln(1 + alpha t)."""
    now_s = seen.t_s[-1]
    grid = steps_of_one(math.log(1e-6 / now_s), math.log(1e6 / now_s))
    return followed(seen, lambda alpha, t: math.log1p(alpha * t), grid)


def work_of_law(alpha, t):
    reach = alpha * t
    if reach < 1e-3:  # the closed form cancels
        return alpha * t * t * (0.5 - reach / 6)
    return ((1 + reach) * math.log1p(reach) - reach) / alpha


def logarithmic_throughput(seen: Seen):
    """Follow OpenCarbonEval's law as it stands, a throughput c ln(1 + alpha t).

    alpha may grow as far as e**600 over the time seen, where the law is a constant rate.
    """
    now_s = seen.t_s[-1]
    high = math.log(1e6 / now_s)
    grid = steps_of_one(math.log(1e-6 / now_s), high)
    grid += [high + step for step in (10, 25, 50, 100, 200, 350, 586)]
    return followed(seen, work_of_law, grid)


def saturating(seen: Seen):
    """Follow a rate that approaches a constant: work = c (t - tau (1 - exp(-t / tau)))."""
    now_s = seen.t_s[-1]
    if len(seen.t_s) < 4:
        return seen.at_rate_since(0)

    def shape(rate, t):
        z = rate * t
        return t * z / 2 if z < 1e-4 else t + math.expm1(-z) / rate

    k, c = fit(seen, shape, steps_of_one(math.log(0.5 / now_s), math.log(1e4 / now_s)))
    if c <= 0:
        return None
    end = c * shape(k, now_s) + seen.total_work - seen.work[-1]
    return time_at(lambda t: c * shape(k, t), end, now_s)


def power_law(seen: Seen):
    """Follow work = c t**p, fitted in logarithms, from here."""
    points = [(t, work) for t, work in zip(seen.t_s, seen.work, strict=True) if t > 0 < work]
    now_s = seen.t_s[-1]
    if len(points) < FEWEST_ROWS:
        return seen.at_rate_since(0)
    x, y = ([math.log(v) for v in column] for column in zip(*points, strict=True))
    p = min(max(slope(x, y) or 0.0, 0.25), 4.0)
    return now_s * (seen.total_work / seen.work[-1]) ** (1 / p)
