/* A stand-in for libnvidia-ml.so.1: GPUs that exist in a scenario file only.
 *
 * Times are seconds of the scenario clock: CLOCK_MONOTONIC, or a clock set by the test.
 * Powers are watts, energies joules; the NVML calls convert to its milliwatts and millijoules.
 */
#ifndef STANDIN_H
#define STANDIN_H

#include <stdint.h>

#define MAX_GPUS 16
#define MAX_PARTS 8
#define MAX_POINTS 64
#define MAX_MIG 7
#define MAX_PROCESSES 32
#define MAX_RULES 64
#define TEXT 96
#define BUSY_PERIOD (1.0 / 6)                /* of what a utilisation is the mean */

enum result {
    OK = 0, UNINITIALIZED = 1, INVALID_ARGUMENT = 2, NOT_SUPPORTED = 3, NOT_FOUND = 6,
    INSUFFICIENT_SIZE = 7, LIBRARY_NOT_FOUND = 12,
};

/* One part of a power curve; the parts of a GPU are added up. */
enum shape { CONST, SQUARE, RAMP, SINE, POINTS };
struct part {
    enum shape shape;
    double a, b, start, period;              /* what they mean: see power_integral() */
    int count;
    double time[MAX_POINTS], watts[MAX_POINTS];
};

/* A sensor shows the mean of the last `visible` s before each of its updates, which come
 * every `period` s; with no period it shows the present power. */
struct sensor { int present; double period, visible, phase; };

struct counter {
    int present;
    double step, phase, base, jitter, loss;
    double reset_at, stop_at, jump_at, jump;
    uint64_t seed;
    double *edges;                           /* of a jittered counter, from CLOCK_START on */
    int edge_count;
    double last_read, lost, latched_lost, latched_edge, shown;
};

struct mig { char uuid[TEXT]; unsigned gi, ci; int parent; };

struct gpu {
    char name[TEXT], uuid[TEXT];
    struct part parts[MAX_PARTS];
    int part_count;
    struct part busy;                        /* in per cent of the time, not watts */
    int has_busy;
    struct sensor usage, instant, average, samples;
    int sample_count;
    struct counter counter;
    double limit;
    int mig_mode, c2c;
    struct mig mig[MAX_MIG];
    int mig_count;
    unsigned pids[MAX_PROCESSES];
    int pid_count;
};

/* What befalls a call: an error, a delay or a hang, for one GPU or (-1) for all. */
struct rule { char call[TEXT]; int gpu, error; double latency, from, until; int hang; };

struct scenario {
    struct gpu gpus[MAX_GPUS];
    int gpu_count;
    struct rule rules[MAX_RULES];
    int rule_count;
    int fake_clock;
    double now, origin;
};

extern struct scenario scene;

/* Returns 0, or the number of the line that is not understood. */
int scenario_parse(const char *text);

double scene_now(void);
double scene_wall(void);  /* since 1970, as the samples are stamped */
double power_integral(const struct gpu *gpu, double from, double to);
double sensor_watts(const struct gpu *gpu, const struct sensor *sensor, double now);
double busy_percent(const struct gpu *gpu, double now);
uint64_t counter_mj(struct gpu *gpu, double now);

#endif
