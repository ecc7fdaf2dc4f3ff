#include "include/langevin_mpi.h"

#include <dlfcn.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

// What is called with a communicator or a type comes in two kinds: handles are pointers in Open MPI and in the ABI of MPI 5,
// and ints in MPICH and its relatives. The two tables have the same names.
#define FUNCTIONS(Handle)                                                                              \
  struct {                                                                                             \
    int (*Comm_rank)(Handle, int *);                                                                   \
    int (*Comm_size)(Handle, int *);                                                                   \
    int (*Barrier)(Handle);                                                                            \
    int (*Bcast)(void *, int, Handle, int, Handle);                                                    \
    int (*Allgather)(const void *, int, Handle, void *, int, Handle, Handle);                          \
    int (*Sendrecv)(const void *, int, Handle, int, int, void *, int, Handle, int, int, Handle, void *); \
    int (*Abort)(Handle, int);                                                                         \
    Handle world; Handle byte;                                                                           \
  }

static struct {
  int is_open, was_started_here, has_pointers, rank, size;
  int (*finalize)(void);
  int (*finalized)(int *);
  char version[1024];
  FUNCTIONS(void *) pointers;
  FUNCTIONS(int) integers;
} mpi;

// Larger than the status of any MPI; its content is of no interest.
static max_align_t status[64];

enum { funneled = 1, tag = 17 };

static int fail(char *message, int capacity, const char *what, const char *path) {
  snprintf(message, (size_t)capacity, "%s: %s", path, what ? what : "unknown reason");
  return -1;
}

int lk_mpi_open(const char *path, char *message, int capacity) {
  // Plug-ins of Open MPI need the symbols of the library itself.
  void *library = dlopen(path, RTLD_NOW | RTLD_GLOBAL);
  if (!library) return fail(message, capacity, dlerror(), path);
  void *open_mpi = dlsym(library, "ompi_mpi_comm_world");
  const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
  int is_standard = strncmp(name, "libmpi_abi", 10) == 0;
  mpi.has_pointers = open_mpi || is_standard;

#define FIND(target, symbol)                                                              \
  if (!(*(void **)&(target) = dlsym(library, "MPI_" symbol)))                             \
    return fail(message, capacity, "it has no MPI_" symbol ", so it is no MPI library", path)
#define FIND_ALL(table)                                                                                       \
  FIND(table.Comm_rank, "Comm_rank"); FIND(table.Comm_size, "Comm_size"); FIND(table.Barrier, "Barrier");     \
  FIND(table.Bcast, "Bcast"); FIND(table.Allgather, "Allgather"); FIND(table.Sendrecv, "Sendrecv");           \
  FIND(table.Abort, "Abort")

  int (*initialized)(int *), (*init)(int *, char ***), (*init_thread)(int *, char ***, int, int *);
  int (*get_version)(char *, int *);
  FIND(initialized, "Initialized");
  FIND(init, "Init");
  FIND(init_thread, "Init_thread");
  FIND(mpi.finalize, "Finalize");
  FIND(mpi.finalized, "Finalized");
  FIND(get_version, "Get_library_version");
  if (mpi.has_pointers) {
    FIND_ALL(mpi.pointers);
    mpi.pointers.world = open_mpi ? open_mpi : (void *)0x101;
    mpi.pointers.byte = open_mpi ? dlsym(library, "ompi_mpi_byte") : (void *)0x247;
  } else {
    FIND_ALL(mpi.integers);
    mpi.integers.world = 0x44000000;
    mpi.integers.byte = 0x4c00010d;
  }

  int already = 0, level = 0;
  initialized(&already);
  if (!already) {
    // One thread calls MPI, the one that opens it. The numbers of the levels are other ones in the ABI of MPI 5.
    int error = is_standard ? init(NULL, NULL) : init_thread(NULL, NULL, funneled, &level);
    if (error) return fail(message, capacity, "MPI_Init_thread failed", path);
    mpi.was_started_here = 1;
  }
  int error = mpi.has_pointers ? mpi.pointers.Comm_rank(mpi.pointers.world, &mpi.rank) |
                                     mpi.pointers.Comm_size(mpi.pointers.world, &mpi.size)
                               : mpi.integers.Comm_rank(mpi.integers.world, &mpi.rank) |
                                     mpi.integers.Comm_size(mpi.integers.world, &mpi.size);
  if (error) return fail(message, capacity, "MPI_Comm_rank failed", path);
  // MPI_MAX_LIBRARY_VERSION_STRING is 256 in Open MPI and 8192 in MPICH.
  static char text[16384];
  int length = 0;
  get_version(text, &length);
  text[strcspn(text, "\n")] = 0;
  for (char *place = text; *place; ++place) if (*place == '\t') *place = ' ';
  snprintf(mpi.version, sizeof mpi.version, "%.*s", (int)sizeof mpi.version - 1, text);
  mpi.is_open = 1;
  return 0;
}

void lk_mpi_close(void) {
  int is_over = 0;
  if (!mpi.is_open || !mpi.was_started_here) return;
  mpi.finalized(&is_over);
  if (!is_over) mpi.finalize();
  mpi.is_open = 0;
}

void lk_mpi_abort(int code) {
  if (!mpi.is_open) return;
  if (mpi.has_pointers) mpi.pointers.Abort(mpi.pointers.world, code);
  else mpi.integers.Abort(mpi.integers.world, code);
}

int lk_mpi_rank(void) { return mpi.rank; }
int lk_mpi_size(void) { return mpi.size; }
const char *lk_mpi_version(void) { return mpi.version; }

int lk_mpi_barrier(void) {
  return mpi.has_pointers ? mpi.pointers.Barrier(mpi.pointers.world) : mpi.integers.Barrier(mpi.integers.world);
}

int lk_mpi_broadcast(void *bytes, int count, int root) {
  return mpi.has_pointers ? mpi.pointers.Bcast(bytes, count, mpi.pointers.byte, root, mpi.pointers.world)
                          : mpi.integers.Bcast(bytes, count, mpi.integers.byte, root, mpi.integers.world);
}

int lk_mpi_allgather(const void *bytes, int count, void *all) {
  return mpi.has_pointers ? mpi.pointers.Allgather(bytes, count, mpi.pointers.byte, all, count, mpi.pointers.byte,
                                                   mpi.pointers.world)
                          : mpi.integers.Allgather(bytes, count, mpi.integers.byte, all, count, mpi.integers.byte,
                                                   mpi.integers.world);
}

int lk_mpi_sendrecv(const void *out, int out_count, void *in, int in_count, int partner) {
  return mpi.has_pointers
             ? mpi.pointers.Sendrecv(out, out_count, mpi.pointers.byte, partner, tag, in, in_count, mpi.pointers.byte,
                                     partner, tag, mpi.pointers.world, status)
             : mpi.integers.Sendrecv(out, out_count, mpi.integers.byte, partner, tag, in, in_count, mpi.integers.byte,
                                     partner, tag, mpi.integers.world, status);
}
