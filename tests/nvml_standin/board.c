/* What monitors ask a GPU beside its power: enough that those of others run, too.
 *
 * No scenario changes these, and no call is counted.
 */
#include "standin.h"

#include <stddef.h>

#define EXPORT __attribute__((visibility("default")))
#define HOPPER 9
#define MEMORY (80ull << 30)
#define CELSIUS 45

struct memory { unsigned long long total, free, used; };
struct memory_v2 { unsigned version; unsigned long long total, reserved, free, used; };
struct temperature { unsigned version, sensor; int celsius; };

_Static_assert(sizeof(struct memory_v2) == 40, "nvmlMemory_v2_t");

static struct gpu *gpu_at(void *handle) {
    for (int i = 0; i < scene.gpu_count; i++)
        if (handle == &scene.gpus[i]) return &scene.gpus[i];
    return NULL;
}

#define TELL(to, value)                               \
    do {                                              \
        struct gpu *gpu = gpu_at(handle);             \
        if (!gpu) return INVALID_ARGUMENT;            \
        *(to) = (value);                              \
        return OK;                                    \
    } while (0)

EXPORT int nvmlDeviceGetArchitecture(void *handle, unsigned *to) { TELL(to, HOPPER); }

EXPORT int nvmlDeviceGetIndex(void *handle, unsigned *to) {
    TELL(to, (unsigned)(gpu - scene.gpus));
}

EXPORT int nvmlDeviceGetComputeMode(void *handle, unsigned *to) { TELL(to, 0); }

EXPORT int nvmlDeviceGetPersistenceMode(void *handle, unsigned *to) { TELL(to, 1); }

EXPORT int nvmlDeviceGetPowerManagementLimit(void *handle, unsigned *to) {
    TELL(to, (unsigned)(gpu->limit * 1e3));
}

EXPORT int nvmlDeviceGetTemperature(void *handle, int sensor, unsigned *to) {
    (void)sensor;
    TELL(to, CELSIUS);
}

EXPORT int nvmlDeviceGetTemperatureV(void *handle, struct temperature *to) {
    TELL(&to->celsius, CELSIUS);
}

EXPORT int nvmlDeviceGetMemoryInfo(void *handle, struct memory *to) {
    TELL(to, ((struct memory){MEMORY, MEMORY / 2, MEMORY / 2}));
}

EXPORT int nvmlDeviceGetMemoryInfo_v2(void *handle, struct memory_v2 *to) {
    TELL(to, ((struct memory_v2){to->version, MEMORY, 0, MEMORY / 2, MEMORY / 2}));
}

EXPORT int nvmlDeviceGetGraphicsRunningProcesses_v3(void *handle, unsigned *n, void *to) {
    (void)to;
    TELL(n, 0);
}

EXPORT int nvmlDeviceIsMigDeviceHandle(void *handle, unsigned *to) {
    *to = !gpu_at(handle);
    return OK;
}
