import Foundation
import Langevin
import Testing

@Suite struct RanksTests {
  static let launchers: [([String: String], String, Int, Int?)] = [
    (["OMPI_COMM_WORLD_RANK": "2", "OMPI_COMM_WORLD_SIZE": "4"], "Open MPI", 2, 4),
    (["PMI_RANK": "0", "PMI_SIZE": "2"], "PMI", 0, 2),
    (["PMI_RANK": "1", "SLURM_STEP_NUM_TASKS": "3", "SLURM_PROCID": "1"], "PMI", 1, 3),
    (["PMIX_RANK": "3", "SLURM_STEP_NUM_TASKS": "8"], "PMIx", 3, 8),
    (["PMIX_RANK": "3"], "PMIx", 3, nil),
    (["SLURM_PROCID": "1", "SLURM_STEP_NUM_TASKS": "2"], "Slurm", 1, 2),
    // mpirun inside a job: its own variables say more than the scheduler's.
    (
      ["OMPI_COMM_WORLD_RANK": "1", "OMPI_COMM_WORLD_SIZE": "2", "SLURM_PROCID": "0", "PMIX_RANK": "1"], "Open MPI", 1,
      2
    ),
  ]

  static let others: [[String: String]] = [
    [:], ["OMPI_COMM_WORLD_RANK": "0", "OMPI_COMM_WORLD_SIZE": "1"], ["PMI_RANK": "0", "PMI_SIZE": "1"],
    ["SLURM_PROCID": "0", "SLURM_NTASKS": "8", "SLURM_NPROCS": "8"],
    ["SLURM_PROCID": "0", "SLURM_STEP_NUM_TASKS": "1"],
    ["OMPI_COMM_WORLD_RANK": "x", "OMPI_COMM_WORLD_SIZE": "2"], ["PMI_RANK": "-1", "PMI_SIZE": "2"],
    ["OMPI_COMM_WORLD_RANK": "5", "OMPI_COMM_WORLD_SIZE": "2"],
  ]

  /// Variables as launchers set them, and what they mean.
  @Test(arguments: launchers)
  func launchersAreRecognised(_ variables: [String: String], _ kind: String, _ rank: Int, _ size: Int?) throws {
    let launcher = try #require(Launcher(variables))
    #expect(launcher.kind.rawValue == kind && launcher.rank == rank && launcher.size == size)
    #expect(!launcher.libraries.isEmpty)
  }

  /// One process, a batch script, and what is no number.
  @Test(arguments: others)
  func oneProcessIsNoRank(_ variables: [String: String]) { #expect(Launcher(variables) == nil) }

  /// The library belongs to the launcher: handles of one MPI mean nothing to another.
  @Test func everyLauncherHasItsLibrary() throws {
    func libraries(_ variables: [String: String]) throws -> [String] { try #require(Launcher(variables)).libraries }
    let open = try libraries(["OMPI_COMM_WORLD_RANK": "0", "OMPI_COMM_WORLD_SIZE": "2"])
    let mpich = try libraries(["PMI_RANK": "0", "PMI_SIZE": "2"])
    #expect(Set(open).intersection(mpich).allSatisfy { $0.contains("abi") })
    #expect(Set(try libraries(["PMIX_RANK": "0"])) == Set(open + mpich))
  }

  /// Every n-th chain, from the first.
  @Test func ranksShareChains() {
    let ranks = (0..<3).map { Ranks(rank: $0, count: 3, canTalk: false) }
    #expect(ranks.map { $0.share(of: Array(0..<8)) } == [[0, 3, 6], [1, 4, 7], [2, 5]])
    #expect(Ranks.alone.share(of: [4, 5]) == [4, 5])
  }

  /// One process says everything to itself.
  @Test func aloneIsAllOfThem() throws {
    let alone = Ranks.alone
    #expect(try alone.gather([1, 2, 3]) == [[1, 2, 3]] && alone.least(7) == 7)
    #expect(try alone.any(true) && !alone.any(false) && alone.first(true) && alone.isFirst)
    try alone.wait()
    try alone.checkAgreement(on: "a", what: "b")
    try Ranks.start(["LANGEVIN_NO_MPI": "1", "OMPI_COMM_WORLD_RANK": "0", "OMPI_COMM_WORLD_SIZE": "2"])
    try Ranks.start([:])
    #expect(Ranks.current.count == 1)
    #expect(throws: RanksError.self) {
      try Ranks.start([
        "OMPI_COMM_WORLD_RANK": "0", "OMPI_COMM_WORLD_SIZE": "2", "LANGEVIN_MPI": "/nowhere/libmpi.so",
      ])
    }
    #expect(Ranks.current.count == 1)
  }
}
