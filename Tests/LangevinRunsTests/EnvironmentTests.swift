import Langevin
import LangevinCLI
import LangevinPlatform
import Testing

/// What the environment asks for is done, or the program says in one line why not and ends with status 2.
@Suite struct EnvironmentTests {
  @Test func anUnknownInstructionSetIsAnError() async {
    let result = await #expect(processExitsWith: .exitCode(2), observing: [\.standardErrorContent]) {
      setenv("LANGEVIN_ISA", "foo", 1)
      exit(Program.run(["sample", "--list"], console: .process).rawValue)
    }
    let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(message.contains("LANGEVIN_ISA is 'foo'; expected one of portable"))
    #expect(message.split(separator: "\n").count == 1)
  }

  @Test func theNamedInstructionSetIsUsed() async {
    await #expect(processExitsWith: .success) {
      setenv("LANGEVIN_ISA", "portable", 1)
      let status = Program.run(["--version"], console: .process)
      exit(status == .success && InstructionSet.current == .portable ? 0 : 1)
    }
  }

  /// A task of Slurm has the cores that it was granted, and no more than the affinity mask lets it have.
  @Test func theSchedulersCoresAreTheDefaultNumberOfThreads() async {
    await #expect(processExitsWith: .success) {
      let all = ThreadPool.availableCores
      setenv("SLURM_CPUS_PER_TASK", "1", 1)
      let one = ThreadPool.availableCores
      setenv("SLURM_CPUS_PER_TASK", "1000", 1)
      let many = ThreadPool.availableCores
      setenv("SLURM_CPUS_PER_TASK", "few", 1)
      exit(one == 1 && many == all && ThreadPool.availableCores == all ? 0 : 1)
    }
  }
}
