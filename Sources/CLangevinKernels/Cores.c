// How many cores this process may use.
#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE  // sched_getaffinity
#endif
#include "langevin_kernels.h"

#if defined(__APPLE__)

#include <sys/sysctl.h>

// Performance cores where the processor has two kinds: the efficiency cores would hold back a team that waits for all.
int lk_available_cores(void) {
  static const char *const names[] = {"hw.perflevel0.logicalcpu", "hw.logicalcpu"};
  for (int i = 0; i < 2; i++) {
    int cores = 0;
    size_t size = sizeof cores;
    if (!sysctlbyname(names[i], &cores, &size, NULL, 0) && cores > 0) return cores;
  }
  return 1;
}

#else

#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_PATH = 1024 };

static bool read_line(const char *path, char *line, int size) {
  FILE *file = fopen(path, "r");
  if (!file) return false;
  bool read = fgets(line, size, file) != NULL;
  fclose(file);
  return read;
}

// Whole cores of a quota in microseconds per period, at least one; no quota (-1, "max") is no limit.
static int whole_cores(long long quota, long long period) {
  if (quota <= 0 || period <= 0) return INT_MAX;
  long long cores = quota / period;
  return cores < 1 ? 1 : cores > INT_MAX ? INT_MAX : (int)cores;
}

static int smaller(int a, int b) { return a < b ? a : b; }

// The quota that one directory of a control group sets: cpu.max in version 2, two files in version 1.
static int cores_of_directory(const char *directory, bool version2) {
  char path[MAX_PATH + 32], line[128];
  long long quota = -1, period = 0;
  if (version2) {
    snprintf(path, sizeof path, "%s/cpu.max", directory);
    if (!read_line(path, line, sizeof line) || sscanf(line, "%lld %lld", &quota, &period) != 2) return INT_MAX;
  } else {
    snprintf(path, sizeof path, "%s/cpu.cfs_quota_us", directory);
    if (!read_line(path, line, sizeof line) || sscanf(line, "%lld", &quota) != 1) return INT_MAX;
    snprintf(path, sizeof path, "%s/cpu.cfs_period_us", directory);
    if (!read_line(path, line, sizeof line) || sscanf(line, "%lld", &period) != 1) return INT_MAX;
  }
  return whole_cores(quota, period);
}

// The smallest quota from the process's own group up to the root. In a container the group's path may name a place
// outside the visible tree; the root of that tree is then the container's own group, and is reached all the same.
static int cores_of_group(const char *mount, const char *group, bool version2) {
  char directory[MAX_PATH];
  if (snprintf(directory, sizeof directory, "%s%s", mount, group) >= (int)sizeof directory) return INT_MAX;
  size_t root = strlen(mount);
  int cores = INT_MAX;
  for (;;) {
    cores = smaller(cores, cores_of_directory(directory, version2));
    char *slash = strrchr(directory, '/');
    if (!slash || (size_t)(slash - directory) < root) return cores;
    *slash = 0;
  }
}

static bool lists_cpu(const char *controllers) {
  for (const char *at = controllers; at; at = strchr(at, ',')) {
    at += *at == ',';
    if (!strncmp(at, "cpu", 3) && (at[3] == ',' || !at[3])) return true;
  }
  return false;
}

// Lines of /proc/self/cgroup are "id:controllers:path"; version 2 has no controllers.
static int cores_of_groups(void) {
  FILE *file = fopen("/proc/self/cgroup", "r");
  if (!file) return INT_MAX;
  int cores = INT_MAX;
  char line[MAX_PATH];
  while (fgets(line, sizeof line, file)) {
    line[strcspn(line, "\n")] = 0;
    char *controllers = strchr(line, ':'), *group = controllers ? strchr(controllers + 1, ':') : NULL;
    if (!group) continue;
    *controllers++ = 0;
    *group++ = 0;
    if (!*controllers) {
      cores = smaller(cores, cores_of_group("/sys/fs/cgroup", group, true));
    } else if (lists_cpu(controllers)) {
      cores = smaller(cores, cores_of_group("/sys/fs/cgroup/cpu", group, false));
      cores = smaller(cores, cores_of_group("/sys/fs/cgroup/cpu,cpuacct", group, false));
    }
  }
  fclose(file);
  return cores;
}

// Cores in the affinity mask; the mask grows until it is as wide as the kernel's.
static int cores_of_affinity(void) {
  for (int width = 1024; width <= 1 << 20; width *= 2) {
    cpu_set_t *set = CPU_ALLOC(width);
    if (!set) break;
    int count = sched_getaffinity(0, CPU_ALLOC_SIZE(width), set) ? 0 : CPU_COUNT_S(CPU_ALLOC_SIZE(width), set);
    CPU_FREE(set);
    if (count > 0) return count;
  }
  return INT_MAX;
}

// What Slurm grants each task, where the job asked for it; without a plugin that binds tasks nothing else says so.
static int cores_of_task(void) {
  const char *text = getenv("SLURM_CPUS_PER_TASK");
  int cores = text ? atoi(text) : 0;
  return cores > 0 ? cores : INT_MAX;
}

int lk_available_cores(void) {
  long online = sysconf(_SC_NPROCESSORS_ONLN);
  int cores = online > 0 && online < INT_MAX ? (int)online : 1;
  return smaller(smaller(cores, cores_of_task()), smaller(cores_of_affinity(), cores_of_groups()));
}

#endif
