import Langevin
import LangevinPlatform
import Testing
import _LangevinTestSupport

/// What a ladder is for: modes that a chain alone does not leave, in their shares.
@Suite struct LadderLawTests {
  /// U = 16 (x^2 - 1)^2 + x/2 at T = 1: a barrier of 16 T. P(x < 0), <x> and <x^2> by quadrature.
  @Test func theDoubleWellIsCrossed() throws {
    let well = try DoubleWellPotential<Double>(height: 16, tilt: 0.5)
    let found = try run(
      well, ladder: .geometric(cold: 1, hot: 20, count: 6), start: [1],
      quantities: [
        Quantity("left") { $0[0] < 0 ? 1 : 0 }, Quantity("x") { $0[0] }, Quantity("square") { $0[0] * $0[0] },
      ])
    for (name, exact) in [("left", 0.7285934127), ("x", -0.4556400053), ("square", 0.9872073640)] {
      try expect(found, name, exact)
    }
    expectIdealTrips(found)
  }

  /// Four Gaussians of width 1/2 in the corners of a square of side 6, with weights 0.1 to 0.4.
  @Test func fourGaussiansAreVisitedByTheirWeights() throws {
    let found = try run(
      FourGaussians(), ladder: .geometric(cold: 1, hot: 20, count: 6), start: [3, 3],
      quantities: (0..<4).map { corner in
        Quantity("corner\(corner)") { x in
          (x[0] > 0) == FourGaussians.isRight[corner] && (x[1] > 0) == FourGaussians.isUp[corner] ? 1 : 0
        }
      })
    for corner in 0..<4 { try expect(found, "corner\(corner)", FourGaussians.weights[corner]) }
    expectIdealTrips(found)
  }

  // MARK: Support

  private func run(
    _ potential: some Potential<Double>, ladder: TemperatureLadder, start: [Double], quantities: [Quantity<Double>]
  ) throws -> RunResults {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    var plan = RunPlan()
    (plan.steps, plan.warmup, plan.thin, plan.chains, plan.seed) = (12_000, 3_000, 5, 2, 11)
    (plan.ladder, plan.drawEvery) = (ladder, 0)
    let sampler = try HybridMonteCarlo<Double>(temperature: 1, stepSize: 0.1, leapfrogSteps: 8)
    let run = try SamplingRun(
      potential, sampler: sampler, plan: plan, in: RunFolder(temporary.file("run")), quantities: quantities
    ) { _ in Tensor(start) }
    try run.advance()
    return try RunResults(run)
  }

  private func expect(_ results: RunResults, _ name: String, _ exact: Double) throws {
    let found = try #require(results.summary[name]).summary
    #expect(
      abs(found.mean - exact) < 3 * found.standardError, "\(name): \(found.mean) ± \(found.standardError), not \(exact)"
    )
    #expect(found.standardError < 0.03, "\(name): \(found.standardError)")
  }

  /// Within 20 % of 1/(2 + 2 sum r/(1 - r)) in a sweep, and the pairs reject equally often.
  private func expectIdealTrips(_ results: RunResults) {
    for ladder in results.ladders {
      #expect(abs(ladder.efficiency - 1) < 0.2, "\(ladder.line)")
      let acceptance = ladder.rungs.compactMap(\.acceptance)
      #expect((acceptance.max() ?? 1) - (acceptance.min() ?? 0) < 0.15, "\(acceptance)")
      #expect(ladder.rungs.allSatisfy { $0.mostFrequentWalker < 0.3 })
    }
    #expect(results.ladders.count == 2)
  }
}

/// U = -ln sum_k w_k exp(-2 |x - mu_k|^2)
private struct FourGaussians: Potential {
  static let weights = [0.1, 0.2, 0.3, 0.4]
  static let isRight = [false, true, false, true]
  static let isUp = [false, false, true, true]
  let layout: ParameterLayout
  let exampleCount = 1

  init() throws { layout = try ParameterLayout([("x", [2])]) }

  func evaluate(
    at x: Tensor<Double>, over batch: Minibatch, gradient: inout Tensor<Double>, workspace: inout Void
  ) throws(LangevinError) -> Energy {
    let squares = (0..<4).map { k in
      let (dx, dy) = (x[0] - (Self.isRight[k] ? 3 : -3), x[1] - (Self.isUp[k] ? 3 : -3))
      return (dx, dy, dx * dx + dy * dy)
    }
    // Of the nearest one the exponential is 1.
    let least = squares.map(\.2).min() ?? 0
    let parts = (0..<4).map { Self.weights[$0] * exp(-2 * (squares[$0].2 - least)) }
    let sum = parts.reduce(0, +)
    gradient[0] = zip(parts, squares).reduce(0) { $0 + 4 * $1.0 * $1.1.0 } / sum
    gradient[1] = zip(parts, squares).reduce(0) { $0 + 4 * $1.0 * $1.1.1 } / sum
    return Energy(cost: 2 * least - log(sum))
  }
}
