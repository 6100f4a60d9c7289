/* Reads a scenario: lines of words; a `device` line opens a GPU, what follows belongs to it.
 *
 *   clock fake SECONDS                     instead of CLOCK_MONOTONIC
 *   origin SECONDS                         where curves and phases begin (default: now); before devices
 *   error CALL CODE [FROM [UNTIL]]         seconds after the origin; `init` for initialisation
 *   latency CALL SECONDS [FROM [UNTIL]]
 *   hang CALL [FROM]
 *   device UUID NAME...
 *     power const W | square W W PERIOD [START] | ramp W W SECONDS [START]
 *           | sine AMPLITUDE PERIOD [START] | points T W T W ...       (lines add up)
 *     busy CURVE                           as a curve of power, in per cent of the time
 *     usage|instant|average SENSOR         GetPowerUsage, fields 186 and 185
 *     samples COUNT SENSOR                 the sample buffer
 *       SENSOR: now | trailing SECONDS | window PERIOD VISIBLE [PHASE]
 *     counter STEP [phase S] [base J] [jitter SHARE] [seed N] [loss S] [reset S] [stop S]
 *             [jump S J]
 *     limit W
 *     c2c                                  half of a Grace superchip
 *     mig UUID GI CI
 *     process PID
 *   An error, latency or hang line under a device is about that device only.
 */
#include "standin.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SPACE " \t\r"

static char *next(char **line) {
    char *word;
    do word = strsep(line, SPACE); while (word && !*word);
    return word;
}

static int number(char **line, double *value) {
    char *word = next(line), *end;
    if (!word) return 0;
    *value = strtod(word, &end);
    return !*end;
}

static int copy(char *to, const char *from) {
    if (!from || strlen(from) >= TEXT) return 0;
    strcpy(to, from);
    return 1;
}

static int read_curve(struct part *p, char **line) {
    char *word = next(line);
    if (!word) return 0;
    if (!strcmp(word, "const")) return p->shape = CONST, number(line, &p->a);
    if (!strcmp(word, "points")) {
        p->shape = POINTS;
        while (p->count < MAX_POINTS && number(line, &p->time[p->count]))
            if (!number(line, &p->watts[p->count++])) return 0;
        return p->count > 0;
    }
    int is_sine = !strcmp(word, "sine"), ok;
    if (is_sine) p->shape = SINE;
    else if (!strcmp(word, "square")) p->shape = SQUARE;
    else if (!strcmp(word, "ramp")) p->shape = RAMP;
    else return 0;
    ok = number(line, &p->a) && (is_sine || number(line, &p->b)) && number(line, &p->period);
    number(line, &p->start);
    return ok;
}

static int read_power(struct gpu *gpu, char **line) {
    return gpu->part_count < MAX_PARTS && read_curve(&gpu->parts[gpu->part_count++], line);
}

static int read_sensor(struct sensor *s, char **line) {
    char *word = next(line);
    if (!word) return 0;
    s->present = 1;
    if (!strcmp(word, "now")) return 1;
    if (!strcmp(word, "trailing")) return number(line, &s->visible);
    if (strcmp(word, "window")) return 0;
    int ok = number(line, &s->period) && number(line, &s->visible);
    number(line, &s->phase);
    return ok;
}

static int read_counter(struct counter *c, char **line) {
    c->present = 1;
    if (!number(line, &c->step)) return 0;
    for (char *word; (word = next(line));) {
        double value;
        if (!number(line, &value)) return 0;
        if (!strcmp(word, "phase")) c->phase = value;
        else if (!strcmp(word, "base")) c->base = value;
        else if (!strcmp(word, "jitter")) c->jitter = value;
        else if (!strcmp(word, "seed")) c->seed = (uint64_t)value;
        else if (!strcmp(word, "loss")) c->loss = value;
        else if (!strcmp(word, "reset")) c->reset_at = scene.origin + value;
        else if (!strcmp(word, "stop")) c->stop_at = scene.origin + value;
        else if (!strcmp(word, "jump")) {
            c->jump_at = scene.origin + value;
            if (!number(line, &c->jump)) return 0;
        } else return 0;
    }
    return 1;
}

static int read_rule(char *what, struct gpu *gpu, char **line) {
    if (scene.rule_count == MAX_RULES) return 0;
    struct rule *r = &scene.rules[scene.rule_count++];
    double value = 0, from = -INFINITY, until = INFINITY;
    if (!copy(r->call, next(line))) return 0;
    if (strcmp(what, "hang") && !number(line, &value)) return 0;
    if (!strcmp(what, "error")) r->error = (int)value;
    else if (!strcmp(what, "latency")) r->latency = value;
    else r->hang = 1;
    if (number(line, &from)) from += scene.origin;
    if (number(line, &until)) until += scene.origin;
    r->from = from;
    r->until = until;
    r->gpu = gpu ? (int)(gpu - scene.gpus) : -1;
    return 1;
}

static struct gpu *open_gpu(char **line) {
    if (scene.gpu_count == MAX_GPUS) return NULL;
    struct gpu *gpu = &scene.gpus[scene.gpu_count];
    char *uuid = next(line);
    if (!copy(gpu->uuid, uuid) || !*line || !copy(gpu->name, *line + strspn(*line, SPACE)))
        return NULL;
    gpu->counter.reset_at = gpu->counter.stop_at = gpu->counter.jump_at = INFINITY;
    gpu->counter.last_read = -INFINITY;
    gpu->counter.base = 1234.5;
    scene.gpu_count++;
    return gpu;
}

static int read_mig(struct gpu *gpu, char **line) {
    double gi, ci;
    if (gpu->mig_count == MAX_MIG) return 0;
    struct mig *m = &gpu->mig[gpu->mig_count++];
    if (!copy(m->uuid, next(line)) || !number(line, &gi) || !number(line, &ci)) return 0;
    m->gi = (unsigned)gi;
    m->ci = (unsigned)ci;
    m->parent = (int)(gpu - scene.gpus);
    return gpu->mig_mode = 1;
}

static int read_device_line(struct gpu *gpu, char *key, char **line) {
    double value;
    if (!strcmp(key, "power")) return read_power(gpu, line);
    if (!strcmp(key, "busy")) return gpu->has_busy = read_curve(&gpu->busy, line);
    if (!strcmp(key, "usage")) return read_sensor(&gpu->usage, line);
    if (!strcmp(key, "instant")) return read_sensor(&gpu->instant, line);
    if (!strcmp(key, "average")) return read_sensor(&gpu->average, line);
    if (!strcmp(key, "counter")) return read_counter(&gpu->counter, line);
    if (!strcmp(key, "limit")) return number(line, &gpu->limit);
    if (!strcmp(key, "c2c")) return gpu->c2c = 1;
    if (!strcmp(key, "mig")) return read_mig(gpu, line);
    if (!strcmp(key, "samples")) {
        if (!number(line, &value)) return 0;
        gpu->sample_count = (int)value;
        return read_sensor(&gpu->samples, line);
    }
    if (!strcmp(key, "process")) {
        if (gpu->pid_count == MAX_PROCESSES || !number(line, &value)) return 0;
        gpu->pids[gpu->pid_count++] = (unsigned)value;
        return 1;
    }
    return 0;
}

static int read_line(struct gpu **gpu, char *line) {
    char *key = next(&line);
    if (!key || *key == '#') return 1;
    if (!strcmp(key, "device")) return (*gpu = open_gpu(&line)) != NULL;
    if (!strcmp(key, "error") || !strcmp(key, "latency") || !strcmp(key, "hang"))
        return read_rule(key, *gpu, &line);
    if (!strcmp(key, "origin")) return number(&line, &scene.origin);
    if (!strcmp(key, "clock")) {
        char *kind = next(&line);
        if (!kind || strcmp(kind, "fake") || !number(&line, &scene.now)) return 0;
        scene.fake_clock = 1;
        scene.origin = scene.now;
        return 1;
    }
    return *gpu ? read_device_line(*gpu, key, &line) : 0;
}

int scenario_parse(const char *text) {
    for (int i = 0; i < scene.gpu_count; i++) free(scene.gpus[i].counter.edges);
    memset(&scene, 0, sizeof scene);
    scene.origin = scene_now();
    char *copy_of_text = strdup(text), *rest = copy_of_text, *line;
    struct gpu *gpu = NULL;
    int n = 0, bad = 0;
    while (!bad && (line = strsep(&rest, "\n"))) {
        n++;
        if (!read_line(&gpu, line)) bad = n;
    }
    free(copy_of_text);
    return bad;
}
