import LangevinCore
import LangevinSamplers
import Testing
import _LangevinTestSupport

/// What holds for a chain of any splitting method: restarts, partitions, divergence.
@Suite struct SplittingRunTests {
  static let words = [
    "BAOAB", "ABOBA", "OBABO", "OABAO", "UBU", "BUB", "X", "Y", "H", "BACDEDCAB", "BAEFEAB", "NE", "ABABAB",
  ]

  private func method(_ word: String) throws -> Splitting<Float> {
    let needsThermostat = word.contains { "CDEFN".contains($0) }
    return try Splitting(
      word, stepSize: .geometric(start: 0.3, end: 0.1, steps: 50),
      partitions: [
        PartitionDynamics(
          word: try SplittingWord(word), temperature: .geometric(start: 1, end: 0.2, steps: 50),
          thermostat: needsThermostat ? Thermostat(drivingNoise: 0.5) : nil)
      ])
  }

  /// A run cut in two is the uncut run, bit for bit, at any place of an epoch.
  @Test(arguments: words + ["lala", "adlala", "lol"], [0, 1, 7])
  func restartedRunIsTheSame(name: String, cut: Int) throws {
    let spirals: Posterior<Float> = try PortableSpirals(s: 0).posterior()
    let method: Splitting<Float> =
      switch name {
      case "lala": try Splitting<Float>.laLa(temperatures: (1e-4, 1e-4))
      case "adlala": try Splitting<Float>.adLaLa(temperatures: (1e-4, 1e-4))
      case "lol": try Splitting<Float>.lol(temperatures: (1e-4, 1e-4))
      default: try method(name)
      }
    func evaluator() throws -> Evaluator<Posterior<Float>> { try Evaluator(spirals, batches: .epochs(150), seed: 5) }
    let start: Tensor<Float> = PortableSpirals(s: 0).initial()

    var whole = try evaluator()
    var state = try method.start(at: start, with: &whole)
    var archive = FieldList()
    for step in 0..<10 {
      if step == cut {
        try state.archive(in: &archive)
        try whole.archive(in: &archive)
      }
      _ = try method.step(&state, with: &whole)
    }

    var later = try evaluator()
    // Started elsewhere: what counts must come from the archive.
    var restored = try method.start(at: Tensor(start.elements.map { $0 * 2 }), with: &later)
    archive.isReading = true
    try restored.archive(in: &archive)
    try later.archive(in: &archive)
    for _ in cut..<10 { _ = try method.step(&restored, with: &later) }
    #expect(restored.position == state.position)
    #expect(restored.momentum == state.momentum)
    #expect(restored.thermostats == state.thermostats)
    #expect(restored.step == state.step)
    #expect(later.evaluations == whole.evaluations)
  }

  /// Ranges in any order and cut anywhere give the same numbers: noise belongs to parameters, not to partitions.
  @Test func partitionsOfOneKindChangeNothing() throws {
    let well = try HarmonicPotential<Double>(stiffness: (0..<40).map { 1 + Double($0) / 10 })
    func run(_ selections: [ParameterSelection]) throws -> Tensor<Double> {
      let method = try Splitting<Double>(
        "parts", stepSize: 0.2,
        partitions: selections.enumerated().map {
          PartitionDynamics("part \($0)", parameters: $1, word: try SplittingWord("BAOAB"), temperature: 1)
        })
      var evaluator = try Evaluator(well, seed: 9)
      var state = try method.start(at: Tensor(zeros: 40), with: &evaluator)
      for _ in 0..<20 { _ = try method.step(&state, with: &evaluator) }
      return state.position
    }
    let whole = try run([.rest])
    #expect(try run([.ranges([17..<23, 0..<3]), .rest]) == whole)
    #expect(try run([.ranges([0..<16]), .ranges([16..<40])]) == whole)
  }

  /// Acceptance 4: at equal temperatures the frictions of partitions leave a harmonic law as it is; at unequal ones a
  /// coupled pair has temperatures in between.
  @Test(arguments: [(1.0, 1.0, (0.1, 10.0)), (1.0, 0.25, (1.0, 1.0))])
  func temperaturesOfPartitions(first: Double, second: Double, frictions: (Double, Double)) throws {
    // Pairs (i, i + n) with energy q_i^2 + q_j^2 + q_i q_j, all of one stiffness matrix.
    let n = 200
    let pairs = try ClosurePotential<Double>(count: 2 * n) { x, gradient in
      for i in 0..<n {
        gradient[i] = 2 * x[i] + x[i + n]
        gradient[i + n] = 2 * x[i + n] + x[i]
      }
      return 0
    }
    let method = try Splitting<Double>.laLa(
      first: .ranges([0..<n]), temperatures: (.constant(first), .constant(second)), frictions: frictions)
    var evaluator = try Evaluator(pairs, seed: 4)
    var state = try method.start(at: Tensor(zeros: 2 * n), with: &evaluator)
    // From rest, with the slow friction 0.1, it takes a while.
    for _ in 0..<400 { _ = try method.step(&state, with: &evaluator) }
    var sums = Array(repeating: 0.0, count: 2 * n)
    let steps = 1500
    for _ in 0..<steps {
      _ = try method.step(&state, with: &evaluator)
      // The temperature of theta_i is the mean of theta_i dU/dtheta_i.
      for i in 0..<2 * n { sums[i] += state.position[i] * state.gradient[i] / Double(steps) }
    }
    for (block, temperature) in [(0..<n, first), (n..<2 * n, second)] {
      let mean = sums[block].reduce(0, +) / Double(n)
      let error = (sums[block].reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(n * (n - 1))).squareRoot()
      if first == second {
        #expect(abs(mean - temperature) < 4.9 * error, "\(mean) +- \(error)")
      } else {
        #expect(mean > second + 4.9 * error && mean < first - 4.9 * error, "\(mean) +- \(error)")
      }
    }
  }

  /// Where the energy is NaN beyond a wall: the error names the step, and the rewinder has the state before it.
  @Test(arguments: ["BAOAB", "UBU", "X"])
  func divergenceKeepsTheStateBefore(word: String) throws {
    let cliff = try ClosurePotential<Double>(count: 3) { x, gradient in
      for index in 0..<3 { gradient[index] = x[index] * x[index] * x[index] }
      return (0..<3).contains { abs(x[$0]) > 2.2 } ? .nan : 0
    }
    let method = try splitting(word, stepSize: 0.2, temperature: 1)
    var evaluator = try Evaluator(cliff, seed: 2)
    var state = try method.start(at: Tensor([1, 1, 1]), with: &evaluator)
    var rewinder = Rewinder<Splitting<Double>, ClosurePotential<Double>>(interval: 7)
    var before = state
    var failure: SamplingError?
    do throws(SamplingError) {
      while state.step < 100_000 {
        before = state
        _ = try rewinder.step(method, &state, with: &evaluator)
      }
    } catch {
      failure = error
    }
    guard case .evaluation(.nonFinite, step: let step)? = failure else {
      Issue.record("\(word) did not diverge: \(String(describing: failure))")
      return
    }
    #expect(step == before.step && step > 7)
    #expect(state.step == before.step)
    #expect(state.position == before.position)
    #expect(state.momentum == before.momentum)
    #expect(evaluator.evaluations == before.step + (word == "BAOAB" ? 1 : 0))
  }

  @Test func infiniteGradientsStopTheChain() throws {
    let wall = try ClosurePotential<Double>(count: 2) { x, gradient in
      gradient[0] = x[0]
      gradient[1] = .infinity
      return 0
    }
    let method = try splitting("BAOAB", stepSize: 0.1)
    var evaluator = try Evaluator(wall, seed: 2)
    var state = try method.start(at: Tensor([1, 1]), with: &evaluator)
    #expect {
      try method.step(&state, with: &evaluator)
    } throws: { error in
      guard case .diverged(step: 0, quantity: "the gradient", in: "all, parameter 1", _)? = error as? SamplingError
      else {
        return false
      }
      return true
    }
  }

  @Test func thermostatsThatRunAwayStopTheChain() throws {
    let method = try splitting("BAEFEAB", stepSize: 0.1, thermostat: Thermostat(coupling: .fixed(1e6)))
    var evaluator = try Evaluator(HarmonicPotential<Double>(stiffness: Array(repeating: 1, count: 50)), seed: 2)
    var state = try method.start(at: Tensor(zeros: 50), with: &evaluator)
    #expect {
      for _ in 0..<100 { _ = try method.step(&state, with: &evaluator) }
    } throws: { error in
      guard case .diverged(_, let quantity, in: "position", let hint)? = error as? SamplingError else { return false }
      return quantity.contains("thermostat variable") && hint.contains("ran away")
    }
  }

  /// A step beyond stability heats up until 100 steps in a row are 10^8 times too hot; then it stops, unless told not to.
  @Test func hotChainsAreStopped() throws {
    func run(stopsRunaways: Bool) throws -> UInt64 {
      let method = try Splitting<Double>(
        "hot", stepSize: 2.01, partitions: [PartitionDynamics(word: try SplittingWord("BAOAB"), temperature: 1)],
        stopsRunaways: stopsRunaways)
      var evaluator = try Evaluator(HarmonicPotential<Double>(stiffness: [1]), seed: 2)
      var state = try method.start(at: Tensor([1]), with: &evaluator)
      while state.step < 1500 { _ = try method.step(&state, with: &evaluator) }
      return state.step
    }
    #expect {
      try run(stopsRunaways: true)
    } throws: { error in
      guard case .diverged(let step, quantity: "the kinetic energy", in: "all", _)? = error as? SamplingError else {
        return false
      }
      return step > 100
    }
    #expect(try run(stopsRunaways: false) == 1500)
  }

  /// Half a kick that waits for the next pass keeps the step size of its own step: velocity Verlet with changing steps.
  @Test func waitingKicksKeepTheirStepSize() throws {
    let steps = [0.2, 0.1, 0.3, 0.3]
    let method = try Splitting<Double>(
      "verlet", stepSize: .ladder(steps.map { .init($0, steps: 1) }),
      partitions: [PartitionDynamics(word: try SplittingWord("BAB"), temperature: 0)], initialMomentum: .rest)
    var evaluator = try Evaluator(HarmonicPotential<Double>(stiffness: [1]), seed: 2)
    var state = try method.start(at: Tensor([1]), with: &evaluator)
    var (q, p) = (1.0, 0.0)
    for h in steps {
      _ = try method.step(&state, with: &evaluator)
      p -= h / 2 * q
      q += h * p
      p -= h / 2 * q
      let found = try method.momentum(of: state, with: evaluator)[0]
      #expect(abs(state.position[0] - q) < 1e-14)
      #expect(abs(found - p) < 1e-14)
    }
  }

  /// The half kick before the first step uses the batch of the first step.
  @Test func firstBatchIsUsedAgain() throws {
    struct FirstRow: Potential {
      typealias Element = Double
      let layout: ParameterLayout
      let exampleCount = 100
      func evaluate(
        at position: Tensor<Double>, over batch: Minibatch, gradient: inout Tensor<Double>, workspace: inout Void
      ) throws(LangevinError) -> Energy {
        gradient[0] = Double(batch.rows?.first ?? -1)
        return Energy(cost: 0)
      }
    }
    let method = try splitting("BAOAB", stepSize: 0.1)
    var evaluator = try Evaluator(FirstRow(layout: ParameterLayout(count: 1)), batches: .epochs(1), seed: 2)
    var state = try method.start(at: Tensor([0]), with: &evaluator)
    let first = state.gradient
    _ = try method.step(&state, with: &evaluator)
    #expect(state.gradient == first)
    _ = try method.step(&state, with: &evaluator)
    #expect(state.gradient != first)
  }

  /// The record's kinetic energy is that of the momenta at the end of the word; masses count.
  @Test func kineticSumsAreThoseOfTheEndOfTheWord() throws {
    let dynamics = PartitionDynamics<Double>(
      word: try SplittingWord("BAOAB"), temperature: 1, mass: .perParameter(Tensor([1, 2, 4])))
    let method = try Splitting("kinetic", stepSize: 0.1, partitions: [dynamics])
    var evaluator = try Evaluator(HarmonicPotential<Double>(stiffness: [1, 1, 1]), seed: 2)
    var state = try method.start(at: Tensor([1, 1, 1]), with: &evaluator)
    let record = try method.step(&state, with: &evaluator)
    let p = try method.momentum(of: state, with: evaluator)
    let expected = p[0] * p[0] + p[1] * p[1] / 2 + p[2] * p[2] / 4
    #expect(record.kinetic?.count == 3)
    #expect(abs((record.kinetic?.sum ?? .nan) - expected) < 1e-12 * expected)
    let x = state.position
    #expect(abs(record.energy.total - (x[0] * x[0] + x[1] * x[1] + x[2] * x[2]) / 2) < 1e-12)
  }

  /// Momenta start from N(0, mT), for each partition its own.
  @Test func momentaStartAtTheirTemperature() throws {
    let n = 4000
    let method = try Splitting<Double>(
      "start", stepSize: 0.1,
      partitions: [
        PartitionDynamics(
          "a", parameters: .ranges([0..<n]), word: try SplittingWord("BAOAB"), temperature: 2, mass: .scalar(3)),
        PartitionDynamics("b", word: try SplittingWord("BAOAB"), temperature: 0.5),
      ])
    var evaluator = try Evaluator(HarmonicPotential<Double>(stiffness: Array(repeating: 1, count: 2 * n)), seed: 8)
    let state = try method.start(at: Tensor(zeros: 2 * n), with: &evaluator)
    for (range, variance) in [(0..<n, 6.0), (n..<2 * n, 0.5)] {
      let found = range.reduce(0) { $0 + state.momentum[$1] * state.momentum[$1] } / Double(n)
      // The sample variance of n normals: 4.9 standard errors.
      #expect(abs(found / variance - 1) < 4.9 * (2 / Double(n)).squareRoot())
    }
  }
}
