/// What a launcher of parallel programs says in its variables: which of how many processes this is.
package struct Launcher: Equatable, Sendable {
  /// Whose variables they are.
  package enum Kind: String, Sendable {
    /// `mpirun` of Open MPI.
    case openMPI = "Open MPI"
    /// `mpirun` of MPICH and its relatives, and schedulers that speak PMI.
    case pmi = "PMI"
    /// Launchers that speak PMIx.
    case pmix = "PMIx"
    /// `srun` without any of these.
    case slurm = "Slurm"
  }

  /// Whose.
  package let kind: Kind
  /// This process, from 0.
  package let rank: Int
  /// How many there are; nil where the launcher does not say.
  package let size: Int?

  /// What an environment says; nil where there is one process only.
  ///
  /// `SLURM_PROCID` and `SLURM_NTASKS` are set in a batch script too, which is no rank: only together with a step of several
  /// tasks are they those of a rank.
  package init?(_ environment: [String: String]) {
    func number(_ name: String) -> Int? { environment[name].flatMap { Int($0) }.flatMap { $0 >= 0 ? $0 : nil } }
    let tasks = number("SLURM_STEP_NUM_TASKS")
    if let rank = number("OMPI_COMM_WORLD_RANK"), let size = number("OMPI_COMM_WORLD_SIZE") {
      (kind, self.rank, self.size) = (.openMPI, rank, size)
    } else if let rank = number("PMI_RANK") {
      (kind, self.rank, size) = (.pmi, rank, number("PMI_SIZE") ?? tasks)
    } else if let rank = number("PMIX_RANK") {
      (kind, self.rank, size) = (.pmix, rank, tasks)
    } else if let rank = number("SLURM_PROCID"), let tasks {
      (kind, self.rank, size) = (.slurm, rank, tasks)
    } else {
      return nil
    }
    if let size, size <= 1 || rank >= size { return nil }
  }

  /// The names of the MPI libraries that belong to such a launcher, the likeliest first.
  package var libraries: [String] {
    #if os(macOS)
      let (openMPI, mpich, standard) = (
        ["libmpi.40.dylib"], ["libmpich.12.dylib", "libmpi.12.dylib"], ["libmpi_abi.0.dylib"]
      )
    #else
      let (openMPI, mpich, standard) = (["libmpi.so.40"], ["libmpich.so.12", "libmpi.so.12"], ["libmpi_abi.so.0"])
    #endif
    return switch kind {
    case .openMPI: openMPI + standard
    case .pmi: mpich + standard
    case .pmix, .slurm: standard + openMPI + mpich
    }
  }
}
