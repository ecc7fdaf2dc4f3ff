import LangevinCore
import LangevinSamplers
import Testing

/// Exact means of a harmonic well that is seen through two batches, q + 1 and q - 1, in the order 1, 2, 2, 1.
@Suite struct SymmetricBatchesTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let word: String
    let h: Double
    let means: [Double]
    var testDescription: String { "\(word), h \(h)" }
  }

  static let rows = [
    Row(word: "AOAB", h: 0.1, means: [4.760815026e-3, -5.264163399e-3, -4.760815026e-3, 5.264163399e-3]),
    Row(word: "AOAB", h: 0.2, means: [1.814493297e-2, -2.225353988e-2, -1.814493297e-2, 2.225353988e-2]),
    Row(word: "AOAB", h: 0.4, means: [6.529566409e-2, -1.009649485e-1, -6.529566409e-2, 1.009649485e-1]),
    Row(word: "OABAO", h: 0.1, means: [-5.020900021e-4, -4.999915979e-3, 5.020900021e-4, 4.999915979e-3]),
    Row(word: "UBU", h: 0.1, means: [5.002010210e-3]), Row(word: "UBU", h: 0.2, means: [2.002856260e-2]),
    Row(word: "UBU", h: 0.4, means: [8.020366238e-2]),
  ]

  /// Without noise the state is its mean and settles on the cycle.
  @Test(arguments: rows)
  func meansOfASweepAreExact(row: Row) throws {
    let method = try splitting(row.word, stepSize: row.h)
    let potential = ForcedPotential<Double>(base: try HarmonicPotential(stiffness: [1]), force: .list([1, -1, -1, 1]))
    var evaluator = try Evaluator(potential, seed: 1)
    let steps = 4 * Int(80 / row.h)
    evaluator.noise = .list(Array(repeating: 0, count: 4 * steps))
    var state = try method.start(at: Tensor([0.3]), with: &evaluator)
    var cycle: [Double] = []
    for step in 0..<steps {
      _ = try method.step(&state, with: &evaluator)
      if step >= steps - 4 { cycle.append(state.position[0]) }
    }
    for (found, expected) in zip(cycle.suffix(row.means.count), row.means) { #expect(abs(found - expected) < 1e-10) }
  }

  @Test func drawsComeAtTheEndsOfSweeps() throws {
    struct Four: Potential {
      typealias Element = Double
      let layout: ParameterLayout
      let exampleCount = 4
      func evaluate(
        at position: Tensor<Double>, over batch: Minibatch, gradient: inout Tensor<Double>, workspace: inout Void
      ) throws(LangevinError) -> Energy {
        gradient[0] = position[0]
        return Energy(cost: position[0] * position[0] / 2)
      }
    }
    let method = try Splitting<Double>.underdamped(.ubu, stepSize: 0.1, temperature: 1)
    var evaluator = try Evaluator(Four(layout: ParameterLayout(count: 1)), batches: .sweeps(2), seed: 1)
    var state = try method.start(at: Tensor([0]), with: &evaluator)
    let draws = try (0..<8).map { _ in try method.step(&state, with: &evaluator).isDraw }
    #expect(draws == [false, false, false, true, false, false, false, true])

    // Unequal steps within a sweep are not symmetric.
    let slowing = try Splitting<Double>.underdamped(
      .ubu, stepSize: .geometric(start: 0.2, end: 0.1, steps: 100), temperature: 1)
    #expect(throws: SamplingError.self) { try slowing.start(at: Tensor([0]), with: &evaluator) }
  }
}
