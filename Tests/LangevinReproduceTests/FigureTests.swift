import Langevin
import LangevinReproduce
import LangevinTheory
import Testing

@Suite struct FigureTests {
  /// A comparison small enough for a test.
  private static func comparison() throws -> MeanFieldComparison {
    var comparison = MeanFieldComparison(try MeanFieldModel(inputs: 4, width: 8, noise: 0.1))
    comparison.stiffnesses = [1]
    (comparison.theory.chains, comparison.theory.innerSteps, comparison.theory.outerSteps) = (16, 2, 12)
    (comparison.langevin.steps, comparison.langevin.stride) = (400, 10)
    return comparison
  }

  @Test func learningCurve() throws {
    let comparison = try Self.comparison()
    let table = try comparison.learningCurve(degree: 2, points: [4, 16], testPoints: 20, seed: 3)
    #expect(table.columns.count == 1 + 5 * 5 && table.rows.count == 2)
    #expect(table[column: "P"] == [4, 16])
    // The kernel's column is that of kernel regression on the same task.
    let task = try ParityTask(inputs: 4, degree: 2, points: 16, testPoints: 20, seed: 3)
    let kernel = try KernelRegression(comparison.model, inputs: task.data.inputs, targets: task.data.targets)
    let scores = try task.scores(kernel.predictions(at: task.data.testInputs))
    #expect(table[column: "kernel: m"]?[1] == scores.overlap)
    #expect(table[column: "no such column"] == nil)
    // Threads change no bit.
    let other = try comparison.learningCurve(
      degree: 2, points: [4, 16], testPoints: 20, seed: 3, pool: ThreadPool(threads: 3))
    #expect(other.rows == table.rows)
  }

  @Test func transitionOfTheWholeCube() throws {
    var comparison = try Self.comparison()
    comparison.includesScreened = false
    let table = try comparison.transition(degree: 2, noises: [0.05, 0.2])
    #expect(table.columns.count == 1 + 5 * 4 && table.rows.count == 2)
    let kernel = try #require(table[column: "kernel: m"])
    // On the whole cube kernel regression is diagonal in the characters.
    for (noise, m) in zip([0.05, 0.2], kernel) {
      let eigenvalue = try ArcCosineKernel.eigenvalue(of: comparison.model, degree: 2)
      #expect(abs(m - eigenvalue / (eigenvalue + noise * noise)) < 1e-10)
    }
  }

  @Test func transitionOfInfiniteData() throws {
    let theory = try ParityMeanField(
      MeanFieldModel(inputs: 20, width: 256, noise: 0.05), degree: 2, resolution: .init(relevantNodes: 24))
    let table = try theory.transition(noises: [0.05, 0.02], stiffnesses: [])
    #expect(abs((table[column: "plain: m"]?[0] ?? 0) - 0.142616) < 1e-3)
    #expect(abs((table[column: "kernel: m"]?[0] ?? 0) - 0.140407) < 1e-6)
    // 0.0004083525859 / (0.0004083525859 + 0.0004)
    #expect(abs((table[column: "kernel: m"]?[1] ?? 0) - 0.505166) < 1e-6)
  }

  @Test func divergencesOfAllSchemes() throws {
    let table = try LinearGaussianProblem.line(count: 6).divergences(batchSize: 2, stepSizes: [0.002, 1])
    #expect(abs((table[column: "sgld"]?[0] ?? 0) / 8.429728e-04 - 1) < 1e-6)
    #expect(abs((table[column: "sgworld-2"]?[0] ?? 0) / 1.950639e-06 - 1) < 1e-6)
    // No stationary law.
    for value in table.rows[1][1...] { #expect(value.isNaN) }
  }

  @Test func aCancelledComparisonEnds() throws {
    var comparison = try Self.comparison()
    comparison.isCancelled = { true }
    #expect(throws: CancellationError.self) { try comparison.learningCurve(degree: 2, points: [4], testPoints: 4) }
    // Without points there is only the head of the table.
    let table = try comparison.learningCurve(degree: 2, points: [])
    #expect(table.rows.isEmpty && table.columns.count == 1 + 5 * comparison.methodNames.count)
  }

  /// A run in pieces is the run in one piece; other chains differ, and add their time units.
  @Test func currentsInPieces() throws {
    func run(chain: Int, _ pieces: [Int]) throws -> CurrentsRun {
      var run = try CurrentsRun(
        .bump(), batchSize: 10, stepSize: 1e-5, withoutReplacement: true, seed: 2, chain: chain)
      for piece in pieces { try run.follow(timeUnits: piece) }
      return run
    }
    let whole = try run(chain: 0, [300])
    var pieces = try run(chain: 0, [100, 50, 150])
    #expect(try pieces.arealVelocities().rows == whole.arealVelocities().rows)
    #expect(try pieces.fluctuationTheorems().rows.map { $0[3] } == whole.fluctuationTheorems().rows.map { $0[3] })
    let other = try run(chain: 1, [300])
    #expect(try other.arealVelocities().rows != whole.arealVelocities().rows)
    pieces.merge(other)
    #expect(pieces.measurement.timeUnits == 600)
    let sum = try whole.variances().rows[0][2] + other.variances().rows[0][2]
    // The mean of the two but for the distance between their means, which can only add.
    #expect(try pieces.variances().rows[0][2] >= sum / 2 * (1 - 1e-9))
  }

  @Test func currentsOfAShortRun() throws {
    // A large step relaxes soon: the softest direction in a few hundred steps.
    var run = try CurrentsRun(.bump(), batchSize: 10, stepSize: 1e-5, withoutReplacement: false, seed: 2)
    try run.follow(timeUnits: 20_000)
    let velocities = try run.arealVelocities()
    #expect(velocities.rows.count == 21)
    let found = try run.measurement.estimates()
    #expect(velocities[column: "measured"]?[0] == found.arealVelocity[0, 1])
    let theorems = try run.fluctuationTheorems()
    #expect(theorems[column: "window"] == [1, 2, 3, 10, 30, 100])
    #expect(theorems[column: "windows"] == [20_000, 10_000, 6666, 2000, 666, 200])
    // The mean entropy production, z = 4.9, with a tenth for the nonlinearity of this large step.
    let (mean, error, theory) = (theorems.rows[0][3], theorems.rows[0][4], theorems.rows[0][2])
    #expect(abs(mean - theory) < 4.9 * error + 0.1 * theory)
    #expect(mean > 5 * error)
    #expect(run.detailedTheorem(window: 1)?.rows.isEmpty == false)
    #expect(run.detailedTheorem(window: 7)?.rows == nil)
  }
}
