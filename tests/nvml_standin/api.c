/* The part of NVML's interface that a meter of energy calls, and the test's own handles. */
#include "standin.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))
#define FAKE_WALL 1.7e9
#define MAX_CALLS 64

struct scenario scene;
static int initialised, configured;
static struct { char name[TEXT]; long count; } calls[MAX_CALLS];

union value { double d; unsigned ui; unsigned long ul; unsigned long long ull; long long sll; };
struct field {
    uint32_t id, scope;
    int64_t stamp, latency;
    uint32_t type;
    int32_t result;
    union value value;
};
struct sample { uint64_t stamp; union value value; };
struct utilisation { unsigned gpu, memory; };
struct process { uint32_t pid; uint64_t bytes; uint32_t gi, ci; };
enum { TYPE_UINT = 1, TYPE_ULL = 3 };

_Static_assert(sizeof(struct field) == 40, "nvmlFieldValue_t");
_Static_assert(sizeof(struct sample) == 16, "nvmlSample_t");
_Static_assert(sizeof(struct process) == 24, "nvmlProcessInfo_v2_t");

/* --- clock ---------------------------------------------------------------------------- */

static double clock_s(clockid_t id) {
    struct timespec t;
    clock_gettime(id, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

double scene_now(void) { return scene.fake_clock ? scene.now : clock_s(CLOCK_MONOTONIC); }

double scene_wall(void) {
    return scene.fake_clock ? scene.now + FAKE_WALL : clock_s(CLOCK_REALTIME);
}

static void pass(double seconds) {
    if (scene.fake_clock) {
        scene.now += seconds;
        return;
    }
    struct timespec t = {(time_t)seconds, (long)(1e9 * fmod(seconds, 1.0))};
    nanosleep(&t, NULL);
}

/* --- what every call does first ------------------------------------------------------- */

static void count(const char *call) {
    int i = 0;
    while (i < MAX_CALLS && *calls[i].name && strcmp(calls[i].name, call)) i++;
    if (i == MAX_CALLS) return;
    if (!*calls[i].name) snprintf(calls[i].name, TEXT, "%s", call);
    calls[i].count++;
}

static int suffer(const char *call, int gpu) {
    count(call);
    int error = OK;
    for (int i = 0; i < scene.rule_count; i++) {
        struct rule *r = &scene.rules[i];
        double now = scene_now();
        if (strcmp(r->call, call) && strcmp(r->call, "any")) continue;
        if ((r->gpu >= 0 && r->gpu != gpu) || now < r->from || now >= r->until) continue;
        while (r->hang) sleep(1000);
        if (r->latency > 0) pass(r->latency);
        if (r->error) error = r->error;
    }
    return error;
}

static int gpu_of(void *handle) {
    for (int i = 0; i < scene.gpu_count; i++)
        if (handle == &scene.gpus[i]) return i;
    return -1;
}

static struct mig *mig_of(void *handle) {
    for (int i = 0; i < scene.gpu_count; i++)
        for (int k = 0; k < scene.gpus[i].mig_count; k++)
            if (handle == &scene.gpus[i].mig[k]) return &scene.gpus[i].mig[k];
    return NULL;
}

#define CALL(gpu_index)                                      \
    do {                                                     \
        if (!initialised) return UNINITIALIZED;              \
        int error_ = suffer(__func__, gpu_index);            \
        if (error_) return error_;                           \
    } while (0)

#define GPU(handle)                                          \
    int index = gpu_of(handle);                              \
    CALL(index);                                             \
    if (index < 0) return INVALID_ARGUMENT;                  \
    struct gpu *gpu = &scene.gpus[index]

static int text(char *to, unsigned size, const char *from) {
    if (strlen(from) >= size) return INSUFFICIENT_SIZE;
    strcpy(to, from);
    return OK;
}

/* --- the library ---------------------------------------------------------------------- */

EXPORT int standin_configure(const char *scenario) {
    int bad = scenario_parse(scenario);
    memset(calls, 0, sizeof calls);
    configured = 1;
    initialised = 0;
    return bad;
}

static int configure_from_file(void) {
    const char *path = getenv("NVML_STANDIN_SCENARIO");
    FILE *file = path ? fopen(path, "r") : NULL;
    if (!file) return LIBRARY_NOT_FOUND;
    static char buffer[1 << 16];
    size_t n = fread(buffer, 1, sizeof buffer - 1, file);
    fclose(file);
    buffer[n] = 0;
    int bad = standin_configure(buffer);
    if (bad) fprintf(stderr, "%s:%d: not understood\n", path, bad);
    return bad ? LIBRARY_NOT_FOUND : OK;
}

EXPORT int nvmlInitWithFlags(unsigned flags) {
    (void)flags;
    if (!configured) {
        int error = configure_from_file();
        if (error) return error;
    }
    int error = suffer("init", -1);
    if (!error) initialised++;
    return error;
}

EXPORT int nvmlInit_v2(void) { return nvmlInitWithFlags(0); }

EXPORT int nvmlShutdown(void) {
    if (!initialised) return UNINITIALIZED;
    initialised--;
    return OK;
}

EXPORT const char *nvmlErrorString(int result) { return result ? "an error" : "success"; }

EXPORT int nvmlSystemGetDriverVersion(char *to, unsigned size) {
    CALL(-1);
    return text(to, size, "570.00.00");
}

EXPORT int nvmlDeviceGetCount_v2(unsigned *to) {
    CALL(-1);
    *to = (unsigned)scene.gpu_count;
    return OK;
}

EXPORT int nvmlDeviceGetHandleByIndex_v2(unsigned i, void **to) {
    CALL((int)i);
    if (i >= (unsigned)scene.gpu_count) return INVALID_ARGUMENT;
    *to = &scene.gpus[i];
    return OK;
}

EXPORT int nvmlDeviceGetHandleByUUID(const char *uuid, void **to) {
    CALL(-1);
    for (int i = 0; i < scene.gpu_count; i++) {
        struct gpu *gpu = &scene.gpus[i];
        if (!strcmp(uuid, gpu->uuid)) return *to = gpu, OK;
        for (int k = 0; k < gpu->mig_count; k++)
            if (!strcmp(uuid, gpu->mig[k].uuid)) return *to = &gpu->mig[k], OK;
    }
    return NOT_FOUND;
}

EXPORT int nvmlDeviceGetName(void *handle, char *to, unsigned size) {
    GPU(handle);
    return text(to, size, gpu->name);
}

EXPORT int nvmlDeviceGetUUID(void *handle, char *to, unsigned size) {
    struct mig *mig = mig_of(handle);
    if (mig) {
        CALL(mig->parent);
        return text(to, size, mig->uuid);
    }
    GPU(handle);
    return text(to, size, gpu->uuid);
}

EXPORT int nvmlDeviceGetEnforcedPowerLimit(void *handle, unsigned *to) {
    GPU(handle);
    if (gpu->limit <= 0) return NOT_SUPPORTED;
    *to = (unsigned)(gpu->limit * 1e3);
    return OK;
}

EXPORT int nvmlDeviceGetC2cModeInfoV(void *handle, unsigned *to) {
    GPU(handle);
    *to = (unsigned)gpu->c2c;
    return OK;
}

/* --- power and energy ----------------------------------------------------------------- */

static int milliwatts(struct gpu *gpu, struct sensor *sensor, unsigned *to) {
    if (!sensor->present) return NOT_SUPPORTED;
    *to = (unsigned)lround(1e3 * sensor_watts(gpu, sensor, scene_now()));
    return OK;
}

EXPORT int nvmlDeviceGetPowerUsage(void *handle, unsigned *to) {
    GPU(handle);
    return milliwatts(gpu, &gpu->usage, to);
}

EXPORT int nvmlDeviceGetTotalEnergyConsumption(void *handle, unsigned long long *to) {
    GPU(handle);
    if (!gpu->counter.present) return NOT_SUPPORTED;
    *to = counter_mj(gpu, scene_now());
    return OK;
}

EXPORT int nvmlDeviceGetFieldValues(void *handle, int n, struct field *fields) {
    GPU(handle);
    for (int i = 0; i < n; i++) {
        struct field *f = &fields[i];
        char name[TEXT];
        snprintf(name, sizeof name, "field%u", f->id);
        f->stamp = (int64_t)(1e6 * scene_wall());
        f->type = TYPE_UINT;
        f->result = suffer(name, index);
        if (f->result) continue;
        if (f->scope) f->result = NOT_SUPPORTED;
        else if (f->id == 186) f->result = milliwatts(gpu, &gpu->instant, &f->value.ui);
        else if (f->id == 185) f->result = milliwatts(gpu, &gpu->average, &f->value.ui);
        else if (f->id == 83 && gpu->counter.present) {
            f->type = TYPE_ULL;
            f->value.ull = counter_mj(gpu, scene_now());
        } else f->result = NOT_SUPPORTED;
    }
    return OK;
}

EXPORT int nvmlDeviceGetSamples(void *handle, int kind, unsigned long long last, int *type,
                                unsigned *n, struct sample *to) {
    GPU(handle);
    struct sensor *s = &gpu->samples;
    if (!s->present || kind != 0) return NOT_SUPPORTED;
    double to_wall = scene_wall() - scene_now();
    double newest = scene.origin + s->phase +
                    floor((scene_now() - scene.origin - s->phase) / s->period) * s->period;
    unsigned found = 0;
    *type = TYPE_UINT;
    for (int i = gpu->sample_count - 1; i >= 0; i--) {
        double at = newest - i * s->period;
        uint64_t stamp = (uint64_t)llround(1e6 * (at + to_wall));
        if (stamp <= last) continue;
        if (to) {
            if (found == *n) return INSUFFICIENT_SIZE;
            to[found].stamp = stamp;
            to[found].value.ui = (unsigned)lround(1e3 * sensor_watts(gpu, s, at + 1e-9));
        }
        found++;
    }
    *n = found;
    return found ? OK : NOT_FOUND;
}

EXPORT int nvmlDeviceGetUtilizationRates(void *handle, struct utilisation *to) {
    GPU(handle);
    if (!gpu->has_busy || gpu->mig_mode) return NOT_SUPPORTED;
    to->gpu = (unsigned)lround(busy_percent(gpu, scene_now()));
    to->memory = to->gpu / 2;
    return OK;
}

/* --- processes and instances ---------------------------------------------------------- */

EXPORT int nvmlDeviceGetComputeRunningProcesses_v3(void *handle, unsigned *n, struct process *to) {
    GPU(handle);
    unsigned there = (unsigned)gpu->pid_count;
    if (!there) return *n = 0, OK;
    if (!to || *n < there) return *n = there, INSUFFICIENT_SIZE;
    for (unsigned i = 0; i < there; i++)
        to[i] = (struct process){gpu->pids[i], 1u << 30, UINT32_MAX, UINT32_MAX};
    *n = there;
    return OK;
}

EXPORT int nvmlDeviceGetMigMode(void *handle, unsigned *now, unsigned *pending) {
    GPU(handle);
    *now = *pending = (unsigned)gpu->mig_mode;
    return OK;
}

EXPORT int nvmlDeviceGetMaxMigDeviceCount(void *handle, unsigned *to) {
    GPU(handle);
    *to = gpu->mig_mode ? MAX_MIG : 0;
    return OK;
}

/* Instance k sits in slot 2k: the slots of a real GPU are sparse as well. */
EXPORT int nvmlDeviceGetMigDeviceHandleByIndex(void *handle, unsigned slot, void **to) {
    GPU(handle);
    if (slot % 2 || slot / 2 >= (unsigned)gpu->mig_count) return NOT_FOUND;
    *to = &gpu->mig[slot / 2];
    return OK;
}

EXPORT int nvmlDeviceGetDeviceHandleFromMigDeviceHandle(void *handle, void **to) {
    struct mig *mig = mig_of(handle);
    CALL(mig ? mig->parent : -1);
    if (!mig) return INVALID_ARGUMENT;
    *to = &scene.gpus[mig->parent];
    return OK;
}

/* --- for the test --------------------------------------------------------------------- */

EXPORT double standin_now(void) { return scene_now(); }

EXPORT void standin_set_clock(double now) { scene.now = now; }

/* What GPU `i` really drew between two clock times, in joules. */
EXPORT double standin_energy_j(int i, double from, double to) {
    return power_integral(&scene.gpus[i], from, to);
}

EXPORT long standin_calls(const char *call) {
    for (int i = 0; i < MAX_CALLS; i++)
        if (!strcmp(calls[i].name, call)) return calls[i].count;
    return 0;
}
