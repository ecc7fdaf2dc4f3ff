#ifndef LANGEVIN_MPI_H
#define LANGEVIN_MPI_H

#include <stdint.h>

/// The system's MPI, opened when a launcher has started more than one process. No header of MPI is needed: its functions
/// are looked up by name, and the two kinds of handles, pointers (Open MPI, the ABI of MPI 5) and 32-bit integers (MPICH and
/// all that share its ABI), have a table of functions each.

/// Opens a library by its path or name and starts MPI. Returns 0, or -1 with a sentence in `message`.
int lk_mpi_open(const char *path, char *message, int capacity);
/// Ends it, if it was started. Collective.
void lk_mpi_close(void);
/// Ends all processes at once.
void lk_mpi_abort(int status);

/// This process among all of them.
int lk_mpi_rank(void);
/// How many there are.
int lk_mpi_size(void);
/// What the library calls itself, in a line.
const char *lk_mpi_version(void);

// Bytes only, each returns MPI's error code, 0 if all is well. Sums are the caller's, so that they are the same on every MPI.

/// Waits for all processes.
int lk_mpi_barrier(void);
/// The bytes of one process go to all.
int lk_mpi_broadcast(void *bytes, int count, int root);
/// `count` bytes of each process go to all, in the order of the ranks.
int lk_mpi_allgather(const void *bytes, int count, void *all);
/// Sends to one process and receives from it.
int lk_mpi_sendrecv(const void *out, int out_count, void *in, int in_count, int partner);

#endif
