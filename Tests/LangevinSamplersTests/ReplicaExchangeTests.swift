import LangevinCore
import LangevinSamplers
import LangevinTheory
import Testing

@Suite struct ReplicaExchangeTests {
  static let temperatures = [0.25, 0.6, 1.5]
  static let well = (height: 2.0, tilt: 0.2)

  /// Both wells in their shares, at a temperature where a plain chain would not cross in the whole run; and exchanges
  /// are accepted as often as the two laws say.
  @Test func aDoubleWellIsCrossed() throws {
    let well = try DoubleWellPotential<Double>(height: Self.well.height, tilt: Self.well.tilt)
    let method = try ReplicaExchange(
      Self.temperatures.map { try Splitting<Double>.underdamped(stepSize: 0.1, temperature: .constant($0)) },
      interval: 5)
    var evaluator = try Evaluator(well, seed: 3)
    var state = try method.start(at: Tensor([1]), with: &evaluator)
    let steps = 40_000
    var left = BlockMean(total: steps)
    var square = BlockMean(total: steps)
    for _ in 0..<steps {
      let record = try method.step(&state, with: &evaluator)
      #expect(record.isDraw)
      let x = method.draw(from: state)[0]
      left.add(x < 0 ? 1 : 0)
      square.add(x * x)
    }
    let exact = try Quadrature(temperatures: Self.temperatures, well)
    #expect(abs(left.z(from: exact.share)) < 4.9, "P(x < 0) = \(left.mean), not \(exact.share)")
    #expect(abs(square.z(from: exact.square)) < 4.9, "<x^2> = \(square.mean), not \(exact.square)")
    #expect(left.standardError < 0.04)
    #expect(state.record.roundTrips > 50)
    for pair in 0..<2 {
      // Successive exchanges are correlated over about 30 steps: 4.9 standard errors of n/6 independent ones.
      let rate = state.record.accepted[pair] / state.record.tried[pair]
      let error = (rate * (1 - rate) / (state.record.tried[pair] / 6)).squareRoot()
      #expect(abs(rate - exact.acceptance[pair]) < 4.9 * error, "pair \(pair): \(rate), not \(exact.acceptance[pair])")
    }
  }

  /// The laws of the replicas stay what they are without exchanges: a Gaussian, exactly, for each kind of method.
  @Test(arguments: ["leimkuhler-matthews", "sgworld-lm", "sgworld-2", "langevin", "hmc", "pseudo-langevin"])
  func theLawsStay(kind: String) throws {
    let wells = 50
    let well = try HarmonicPotential<Double>(stiffness: Array(repeating: 1, count: wells))
    let ladder = [1, 1.3]
    switch kind {
    case "leimkuhler-matthews":
      try stays(ladder.map { try LeimkuhlerMatthews<Double>(stepSize: 0.5, temperature: .constant($0)) }, well, ladder)
    case "sgworld-lm":
      try stays(
        ladder.map { try SGWORLD<Double>(stepSize: 0.5, temperature: .constant($0), level: .lm) }, well, ladder)
    case "sgworld-2":
      // The law of a step of size h is off by h^2/2: half a percent.
      try stays(ladder.map { try SGWORLD<Double>(stepSize: 0.1, temperature: .constant($0)) }, well, ladder)
    case "pseudo-langevin":
      let count = 30
      let identity = (0..<count).map { i in (0..<count).map { $0 == i ? 1.0 : 0 } }
      // The step's own bias is 0.3 %.
      let noisy = try NoisyHarmonicPotential(hessian: identity, noiseFactor: identity)
      try stays(
        ladder.map {
          try PseudoLangevin<Double>(temperature: .constant($0)) {
            $0.ratio = 0.03
            $0.updateEvery = .max
            $0.variance = GradientVariance(.drawn, fewestDraws: 2000, mostDraws: 2000, relativeFloor: 0)
            $0.momentumLoss = 0.3
            $0.segment = 5
            $0.guardsUnits = false
            $0.directions = 0
          }
        }, noisy, ladder, batches: .withReplacement(1))
    case "langevin":
      try stays(
        ladder.map { try Splitting<Double>.underdamped(stepSize: 0.8, temperature: .constant($0)) }, well, ladder)
    default:
      try stays(
        ladder.map { try HybridMonteCarlo<Double>(temperature: $0, stepSize: 0.2, leapfrogSteps: 5) }, well, ladder)
    }
  }

  private func stays<Base: Exchangeable>(
    _ replicas: [Base], _ well: some Potential<Double>, _ temperatures: [Double], batches: BatchScheme = .all
  ) throws where Base.Element == Double {
    let method = try ReplicaExchange(replicas, interval: 1)
    let count = well.layout.count
    var evaluator = try Evaluator(well, batches: batches, seed: 5)
    var state = try method.start(at: Tensor(Array(repeating: 0, count: count)), with: &evaluator)
    let steps = 3200
    var squares = [BlockMean(total: steps), BlockMean(total: steps)]
    for step in -50..<steps {
      while try !method.step(&state, with: &evaluator).isDraw {}
      if step < 0 { continue }
      for (index, replica) in replicas.enumerated() {
        squares[index].add(Double.kernels.dot(replica.draw(from: state.replicas[index])) / Double(count))
      }
    }
    #expect(
      state.record.accepted[0] > 0.2 * state.record.tried[0] && state.record.accepted[0] < 0.9 * state.record.tried[0])
    for (square, temperature) in zip(squares, temperatures) {
      #expect(abs(square.z(from: temperature)) < 4.9, "\(method.name): \(square.mean), not \(temperature)")
      #expect(square.standardError < 0.03 * temperature)
    }
  }

  /// Words whose law on a harmonic well is exact in the positions at any stable step keep it at a large one, whatever the
  /// letters that wait at their ends.
  @Test(arguments: ["BAOAB", "ABOBA", "BAAOAAB"])
  func largeStepsStayExact(word: String) throws {
    let well = try HarmonicPotential<Double>(stiffness: Array(repeating: 1, count: 50))
    let ladder = [1, 1.3]
    try stays(ladder.map { try splitting(word, stepSize: 1, temperature: $0) }, well, ladder)
  }

  /// With an adaptive friction, too, which stays with its temperature. Its positions
  /// are exact to the fourth order of the step.
  @Test func thermostatsStay() throws {
    let well = try HarmonicPotential<Double>(stiffness: Array(repeating: 1, count: 50))
    let ladder = [1, 1.3]
    try stays(ladder.map { try Splitting<Double>.badodab(stepSize: 0.5, temperature: .constant($0)) }, well, ladder)
  }

  /// The momenta at the end of the word stay, to the last digits: letters that wait there are those of the step before, with
  /// its size, which differs where sizes are scheduled, and act on momenta that other letters damp.
  @Test(arguments: ["BAOAB", "OBABO", "BUB", "BOAOB", "UBU", "OABAO"])
  func momentaAtTheEndOfTheWordStay(word: String) throws {
    let well = try HarmonicPotential<Double>(stiffness: [1, 4, 9])
    let method = try Splitting<Double>(
      word, stepSize: .geometric(start: 0.4, end: 0.1, steps: 10),
      partitions: [
        PartitionDynamics("a", parameters: .ranges([0..<1]), word: try SplittingWord(word), temperature: 1),
        PartitionDynamics("b", word: try SplittingWord(word), temperature: 1, friction: 2, mass: .scalar(3)),
      ])
    var evaluator = try Evaluator(well, seed: 3)
    var a = try method.start(at: Tensor([1, 2, 3]), with: &evaluator)
    var b = try method.start(at: Tensor([-2, 1, 0.5]), with: &evaluator)
    for _ in 0..<7 {
      _ = try method.step(&a, with: &evaluator)
      _ = try method.step(&b, with: &evaluator)
    }
    let before = try [method.momentum(of: a, with: evaluator), method.momentum(of: b, with: evaluator)]
    let positions = [a.position, b.position]
    method.exchangePoints(&a, &b)
    let after = try [method.momentum(of: a, with: evaluator), method.momentum(of: b, with: evaluator)]
    #expect([b.position, a.position] == positions)
    for (before, after) in zip(before, after) {
      for index in 0..<3 { #expect(abs(before[index] - after[index]) < 1e-13) }
    }
  }

  /// Read elsewhere than in the middle of a palindrome, positions and momenta depend on each other, and an exchange of the
  /// positions alone is biased: <q^2> of BAOA falls to 0.94 T at h 1.
  @Test(arguments: ["BAOA", "AOAB", "AOABO", "H", "Y"])
  func wordsThatDoNotExchangeAreRefused(word: String) throws {
    let error = #expect(throws: SamplingError.self) {
      try ReplicaExchange([1.0, 2].map { try splitting(word, stepSize: 0.5, temperature: $0) })
    }
    #expect("\(error as Error?)".contains("word \(word)"))
  }

  /// Noisy energies with their penalty leave the law; they cost acceptance.
  @Test func minibatchEnergiesArePenalised() throws {
    let problem = try LinearGaussianProblem.line(count: 12)
    let potential = try LinearGaussianPotential<Double>(problem)
    func run(_ energies: ReplicaExchange<LeimkuhlerMatthews<Double>>.Energies) throws -> (Double, [BlockMean], Double) {
      let method = try ReplicaExchange(
        [1, 4].map { try LeimkuhlerMatthews<Double>(stepSize: 0.01, temperature: .constant($0)) }, interval: 1,
        energies: energies)
      var evaluator = try Evaluator(potential, seed: 9)
      var state = try method.start(at: Tensor(problem.mean), with: &evaluator)
      let steps = 12_800
      var squares = [BlockMean(total: steps), BlockMean(total: steps)]
      for _ in 0..<steps {
        _ = try method.step(&state, with: &evaluator)
        for axis in 0..<2 {
          let offset = method.draw(from: state)[axis] - problem.mean[axis]
          squares[axis].add(offset * offset)
        }
      }
      return (state.record.accepted[0] / state.record.tried[0], squares, state.penaltyVariance)
    }
    let exact = problem.posteriorMoments()
    let (plainRate, plain, none) = try run(.allData)
    let (noisyRate, noisy, variance) = try run(.minibatches(count: 16, size: 4))
    for axis in 0..<2 {
      #expect(abs(plain[axis].z(from: exact.covariance[axis][axis])) < 4.9)
      #expect(abs(noisy[axis].z(from: exact.covariance[axis][axis])) < 4.9)
    }
    #expect(none == 0 && variance > 0.01 && variance < 1)
    #expect(noisyRate < plainRate && noisyRate > 0.3 * plainRate)
  }

  /// Replicas have streams of their own, whatever they are made of.
  @Test func replicasDoNotShareNumbers() throws {
    let well = try HarmonicPotential<Double>(stiffness: [1])
    // Practically one temperature, and no exchange.
    let method = try ReplicaExchange(
      [1, 1 + 1e-12].map { try SGLD<Double>(stepSize: 0.1, temperature: .constant($0)) }, interval: 1_000_000)
    var evaluator = try Evaluator(well, seed: 5)
    var state = try method.start(at: Tensor([0]), with: &evaluator)
    var product = BlockMean(total: 6400)
    for _ in 0..<6400 {
      _ = try method.step(&state, with: &evaluator)
      product.add(state.replicas[0].position[0] * state.replicas[1].position[0])
    }
    #expect(abs(product.z(from: 0)) < 4.9 && product.standardError < 0.15)
  }

  @Test func restartsAreExact() throws {
    let well = try DoubleWellPotential<Double>(height: 1, tilt: 0.2, count: 2)
    let temperatures = [0.5, 1, 2]
    let start = Tensor([1.0, -1])
    #expect(
      try restartsBitForBit(
        ReplicaExchange(
          temperatures.map { try LeimkuhlerMatthews<Double>(stepSize: 0.05, temperature: .constant($0)) }, interval: 3),
        on: well, from: start, first: 10, steps: 40))
    #expect(
      try restartsBitForBit(
        ReplicaExchange(
          temperatures.map { try Splitting<Double>.underdamped(stepSize: 0.05, temperature: .constant($0)) },
          interval: 3),
        on: well, from: start, first: 11, steps: 40))
    let potential = try LinearGaussianPotential<Double>(.line(count: 8))
    #expect(
      try restartsBitForBit(
        ReplicaExchange(
          temperatures.map { try SGLD<Double>(stepSize: 0.001, temperature: .constant($0)) }, interval: 2,
          energies: .minibatches(count: 2, size: 3)),
        on: potential, batches: .epochs(3), from: start, first: 7, steps: 20))
  }

  @Test func badLaddersAreRefused() throws {
    func replica(_ temperature: Schedule) throws -> SGLD<Double> { try SGLD(stepSize: 0.1, temperature: temperature) }
    #expect(throws: SamplingError.self) { try ReplicaExchange([replica(1)]) }
    #expect(throws: SamplingError.self) { try ReplicaExchange([replica(1), replica(1)]) }
    #expect(throws: SamplingError.self) { try ReplicaExchange([replica(0), replica(1)]) }
    #expect(throws: SamplingError.self) {
      try ReplicaExchange([replica(1), replica(.geometric(start: 3, end: 2, steps: 10))])
    }
    #expect(throws: SamplingError.self) { try ReplicaExchange([replica(1), replica(2)], interval: 0) }
    #expect(throws: SamplingError.self) {
      try ReplicaExchange([replica(1), replica(2)], energies: .minibatches(count: 1, size: 2))
    }
  }
}

/// What the product of the laws says, by sums over a grid.
private struct Quadrature {
  var share = 0.0
  var square = 0.0
  /// The mean of min(1, exp(gap (U - U'))) for neighbouring temperatures.
  var acceptance: [Double] = []

  init(temperatures: [Double], _ well: DoubleWellPotential<Double>) throws {
    let grid = (0..<300).map { -3 + 0.02 * (Double($0) + 0.5) }
    let energies = grid.map { x in well.height * (x * x - 1) * (x * x - 1) + well.tilt * x }
    let laws = temperatures.map { temperature in
      let weights = energies.map { exponential(-$0 / temperature) }
      let total = weights.reduce(0, +)
      return weights.map { $0 / total }
    }
    for (x, p) in zip(grid, laws[0]) {
      if x < 0 { share += p }
      square += p * x * x
    }
    for pair in 0..<temperatures.count - 1 {
      let gap = 1 / temperatures[pair] - 1 / temperatures[pair + 1]
      var mean = 0.0
      for (p, energy) in zip(laws[pair], energies) where p > 1e-9 {
        for (q, other) in zip(laws[pair + 1], energies) { mean += p * q * min(1, exponential(gap * (energy - other))) }
      }
      acceptance.append(mean)
    }
  }
}
