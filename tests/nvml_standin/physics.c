/* What the GPUs draw, and what their sensors and counters make of it. */
#include "standin.h"

#include <math.h>
#include <stdlib.h>

#define CLOCK_START (-5.0)  /* counters ran before the scenario's origin */

/* Integral of one part over (0, t), t relative to the scenario's origin. */
static double part_integral(const struct part *p, double t) {
    switch (p->shape) {
    case CONST:
        return p->a * t;
    case SQUARE: {  /* a, then b, half a period each, from `start` on and before */
        double x = t - p->start, whole = floor(x / p->period), rest = x - whole * p->period;
        double half = p->period / 2;
        double in = rest < half ? p->a * rest : p->a * half + p->b * (rest - half);
        return whole * half * (p->a + p->b) + in;
    }
    case RAMP: {  /* a until `start`, then straight to b within `period` */
        double x = t - p->start;
        if (x <= 0) return p->a * x;
        if (x < p->period) return p->a * x + (p->b - p->a) * x * x / (2 * p->period);
        return (p->a + p->b) / 2 * p->period + p->b * (x - p->period);
    }
    case SINE:  /* amplitude a, no mean */
        return -p->a * p->period / (2 * M_PI) * cos(2 * M_PI * (t - p->start) / p->period);
    case POINTS: {  /* straight lines through points, flat outside */
        const double *x = p->time, *y = p->watts;
        int n = p->count;
        if (t <= x[0]) return y[0] * (t - x[0]);
        double sum = 0;
        for (int i = 1; i < n; i++) {
            double to = fmin(t, x[i]), dx = to - x[i - 1];
            double width = x[i] - x[i - 1];
            double end = width > 0 ? y[i - 1] + (y[i] - y[i - 1]) * dx / width : y[i];
            sum += (y[i - 1] + end) / 2 * dx;
            if (t <= x[i]) return sum;
        }
        return sum + y[n - 1] * (t - x[n - 1]);
    }
    }
    return 0;
}

double power_integral(const struct gpu *gpu, double from, double to) {
    double sum = 0;
    for (int i = 0; i < gpu->part_count; i++)
        sum += part_integral(&gpu->parts[i], to - scene.origin) -
               part_integral(&gpu->parts[i], from - scene.origin);
    return sum;
}

static double grid(double t, double period, double phase) {
    return scene.origin + phase + floor((t - scene.origin - phase) / period) * period;
}

double sensor_watts(const struct gpu *gpu, const struct sensor *sensor, double now) {
    const double blink = 1e-6;
    if (sensor->period <= 0) {
        double visible = sensor->visible > 0 ? sensor->visible : blink;
        return power_integral(gpu, now - visible, now) / visible;
    }
    double update = grid(now, sensor->period, sensor->phase);
    return power_integral(gpu, update - sensor->visible, update) / sensor->visible;
}

double busy_percent(const struct gpu *gpu, double now) {
    double update = grid(now, BUSY_PERIOD, 0) - scene.origin;
    return (part_integral(&gpu->busy, update) - part_integral(&gpu->busy, update - BUSY_PERIOD)) /
           BUSY_PERIOD;
}

static double random_unit(uint64_t seed, uint64_t n) {  /* splitmix64, in (-1, 1) */
    uint64_t z = seed * 0x9E3779B97F4A7C15u + (n + 1) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return (double)((z ^ (z >> 31)) >> 11) / 4503599627370496.0 - 1.0;
}

/* Last step of the counter at or before t; with jitter each period is drawn anew. */
static double last_edge(struct counter *c, double t) {
    if (c->jitter <= 0) return grid(t, c->step, c->phase);
    double rel = t - scene.origin;
    if (!c->edges) {
        c->edges = malloc(sizeof(double));
        c->edges[0] = CLOCK_START + c->phase;
        c->edge_count = 1;
    }
    while (c->edges[c->edge_count - 1] <= rel) {
        double period = c->step * (1 + c->jitter * random_unit(c->seed, (uint64_t)c->edge_count));
        c->edges = realloc(c->edges, sizeof(double) * (size_t)(c->edge_count + 1));
        c->edges[c->edge_count] = c->edges[c->edge_count - 1] + period;
        c->edge_count++;
    }
    int i = c->edge_count - 1;
    while (i > 0 && c->edges[i] > rel) i--;
    return c->edges[i] + scene.origin;
}

/* A read may cost energy, as on some GeForce cards: up to `loss` s of it, felt at the next step. */
static double lost_to_reading(struct gpu *gpu, double now, double edge) {
    struct counter *c = &gpu->counter;
    if (edge != c->latched_edge) {
        c->latched_edge = edge;
        c->latched_lost = c->lost;
    }
    double unseen = fmin(c->loss, now - c->last_read);
    c->lost += power_integral(gpu, now - unseen, now);
    c->last_read = now;
    return c->latched_lost;
}

uint64_t counter_mj(struct gpu *gpu, double now) {
    struct counter *c = &gpu->counter;
    double edge = last_edge(c, fmin(now, c->stop_at));
    double zero = scene.origin + CLOCK_START, base = c->base;
    if (now >= c->reset_at) {
        zero = c->reset_at;
        base = 0;
        edge = fmax(edge, zero);
    }
    double joules = base + power_integral(gpu, zero, edge);
    if (edge >= c->jump_at) joules += c->jump;
    if (c->loss > 0) {
        joules = fmax(joules - lost_to_reading(gpu, now, edge), c->shown);
        c->shown = joules;
    }
    return (uint64_t)floor(joules * 1e3);
}
