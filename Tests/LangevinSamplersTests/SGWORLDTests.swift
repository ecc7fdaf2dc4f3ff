import LangevinCore
import LangevinSamplers
import LangevinTheory
import Testing

/// SGWORLD on the line: what an epoch does, step by step against the algebra of affine maps, and its stationary law.
@Suite struct SGWORLDTests {
  static let cases: [(level: SGWORLDLevel, examples: Int)] = SGWORLDLevel.allCases.flatMap { level in
    level == .twoLM ? [(level, 6)] : [(level, 6), (level, 7)]
  }
  static let stepSize = 0.004
  static let batchSize = 2

  /// Noise-free, an epoch is an affine map: that of the corrected batches in the order used, in which one (place, partner)
  /// that the sampler has chosen must fit, and over many epochs all of them turn up.
  @Test(arguments: cases)
  func anEpochIsTheProductOfItsSteps(level: SGWORLDLevel, examples: Int) throws {
    let problem = try LinearGaussianProblem.line(count: examples)
    let epochs = 24
    let end = try run(problem, level, epochs: epochs, noise: { _ in 0 })
    let endX = try run(problem, level, from: [1, 0], epochs: epochs, noise: { _ in 0 })
    let endY = try run(problem, level, from: [0, 1], epochs: epochs, noise: { _ in 0 })
    var map = Affine.identity
    var choices: Set<Choice> = []
    for (epoch, batches) in try order(examples, epochs: epochs).enumerated() {
      let candidates = Choice.all(level, batches: batches.count)
      let found = candidates.filter { choice in
        let next = self.epoch(problem, level, batches, choice).after(map)
        return next.distance(shift: end[epoch], columns: [endX[epoch] - end[epoch], endY[epoch] - end[epoch]]) < 1e-10
      }
      #expect(found.count == 1, "epoch \(epoch): \(found.count) of \(candidates.count) corrections fit")
      guard let choice = found.first else { return }
      choices.insert(choice)
      map = self.epoch(problem, level, batches, choice).after(map)
    }
    #expect(choices.count == Choice.all(level, batches: (examples + 1) / 2).count)
  }

  /// The response to each noise number in turn gives the epoch's noise covariance.
  @Test(arguments: cases)
  func theNoiseOfAnEpochIsThatOfItsSteps(level: SGWORLDLevel, examples: Int) throws {
    let problem = try LinearGaussianProblem.line(count: examples)
    let batches = try order(examples, epochs: 1)[0]
    let still = try run(problem, level, epochs: 1, noise: { _ in 0 })[0]
    let sharesNoise = level == .lm || level == .twoLM
    // What belongs to this epoch: its steps, the opening half of `2`, the first noise of `lm` but not the one kept for later.
    let count = 2 * batches.count + (level == .one ? 0 : sharesNoise ? 2 : 2)
    var responses = try (0..<count).map { index in
      try run(problem, level, epochs: 1, noise: { $0 == index ? 1 : 0 })[0] - still
    }
    let drift = try (0..<2).map { axis in
      try run(problem, level, from: axis == 0 ? [1, 0] : [0, 1], epochs: 1, noise: { _ in 0 })[0] - still
    }
    if sharesNoise {
      // The last two numbers are the noise that the next epoch begins with, of which the reading has half.
      let half = (Self.stepSize / 2).squareRoot()
      for axis in 0..<2 {
        let kept = responses[2 * batches.count + axis]
        #expect(abs(kept[axis] - half) < 1e-12 && abs(kept[1 - axis]) < 1e-12)
      }
      responses.removeLast(2)
      // The page counts from the bare variable, which is half a noise behind the point that the sampler starts from.
      for axis in 0..<2 { responses[axis] = responses[axis] + half * drift[axis] }
    }
    var covariance = Matrix.zero
    for response in responses { covariance = covariance + Matrix(response, outer: response) }

    let fits = Choice.all(level, batches: batches.count).filter { choice in
      let expected = epoch(problem, level, batches, choice)
      return expected.distance(shift: still, columns: drift) < 1e-10 && (covariance - expected.noise).magnitude < 1e-10
    }
    #expect(fits.count == 1)
  }

  /// Against exact moments at a step size so large that the schemes are far apart.
  @Test(arguments: [
    ("sgld", LinearGaussianChain.Scheme.independentBatches(.euler)), ("1", .reshuffled(.euler)),
    ("lm", .reshuffled(.sharedNoise)), ("2", .oneCorrection), ("2-all", .reshuffled(.midpoint)),
    ("2lm", .oneCorrectionSharedNoise),
  ])
  func stationaryMomentsAreTheExactOnes(level: String, scheme: LinearGaussianChain.Scheme) throws {
    let (h, epochs) = (0.012, 12_000)
    let problem = try LinearGaussianProblem.line(count: 6)
    let expected = try LinearGaussianChain(problem, batchSize: 2, stepSize: h).moments(of: scheme)
    // Per example: U = L/6, T = 1/6, step size 6 h; the chain is the same.
    let potential = try LinearGaussianPotential<Double>(problem, scale: 1.0 / 6)
    let (step, temperature) = (Schedule.constant(6 * h), Schedule.constant(1.0 / 6))
    let found: [BlockMean]
    if let level = SGWORLDLevel(rawValue: level) {
      let sampler = try SGWORLD<Double>(stepSize: step, temperature: temperature, level: level)
      found = try moments(sampler, potential, .epochs(2), around: expected.mean, draws: epochs)
    } else {
      let sampler = try SGLD<Double>(stepSize: step, temperature: temperature)
      found = try moments(sampler, potential, .subset(2), around: expected.mean, draws: epochs)
    }
    let covariance = expected.covariance
    for (found, expected) in zip(found, [0, 0, covariance[0][0], covariance[0][1], covariance[1][1]]) {
      #expect(abs(found.z(from: expected)) < 4.9, "\(level): \(found.mean) instead of \(expected)")
    }
  }

  /// A short last batch counts for as much as its examples: the chain's variance is far from what a full step would give.
  @Test func theShortLastBatchInTheLongRun() throws {
    let problem = try LinearGaussianProblem.line(count: 7)
    let expected = try LinearGaussianChain(problem, batchSize: 2, stepSize: 0.01).moments(of: .oneCorrection)
    let sampler = try SGWORLD<Double>(stepSize: 0.01, temperature: 1)
    let potential = try LinearGaussianPotential<Double>(problem)
    let found = try moments(sampler, potential, .epochs(2), around: expected.mean, draws: 10_000)
    let covariance = expected.covariance
    for (found, expected) in zip(found, [0, 0, covariance[0][0], covariance[0][1], covariance[1][1]]) {
      #expect(abs(found.z(from: expected)) < 4.9, "\(found.mean) instead of \(expected)")
    }
  }

  // MARK: Edges

  @Test func drawsComeAtTheEndsOfEpochs() throws {
    let potential = try LinearGaussianPotential<Double>(.line(count: 7))
    for level in SGWORLDLevel.allCases where level != .twoLM {
      let sampler = try SGWORLD<Double>(stepSize: 1e-3, temperature: 1, level: level)
      var evaluator = try Evaluator(potential, batches: .epochs(3), seed: 1)
      var state = try sampler.start(at: Tensor([0, 0]), with: &evaluator)
      #expect(level == .lm || sampler.draw(from: state) == Tensor([0, 0]))
      for step in 1...9 {
        let record = try sampler.step(&state, with: &evaluator)
        #expect(record.isDraw == (step % 3 == 0))
      }
    }
  }

  @Test func theStepSizeIsConstantInsideAnEpoch() throws {
    let problem = try LinearGaussianProblem(
      features: Array(repeating: [1], count: 4), targets: Array(repeating: 0, count: 4), noiseVariance: 4,
      priorPrecision: 0)
    let potential = try LinearGaussianPotential<Double>(problem)  // every batch has the gradient w
    let schedule = Schedule.polynomial(scale: 0.1, offset: 1, power: 1)
    let sampler = try SGWORLD<Double>(stepSize: schedule, temperature: 0, level: .one)
    var evaluator = try Evaluator(potential, batches: .epochs(2), seed: 1)
    var state = try sampler.start(at: Tensor([1]), with: &evaluator)
    var expected = 1.0
    for rate in [0.1, 0.1, 0.05, 0.05, 0.1 / 3, 0.1 / 3] {
      _ = try sampler.step(&state, with: &evaluator)
      expected *= 1 - rate
      #expect(abs(state.position[0] - expected) < 1e-14)
    }
  }

  @Test(arguments: SGWORLDLevel.allCases)
  func restartsInMidEpochAreExact(level: SGWORLDLevel) throws {
    let potential = try LinearGaussianPotential<Double>(.line(count: 8))
    let schedule = Schedule.polynomial(scale: 1e-3, offset: 1, power: 1)
    let sampler = try SGWORLD<Double>(stepSize: schedule, temperature: 1, level: level)
    // The last pair ends before the next draw.
    for (first, steps) in [(3, 13), (4, 13), (6, 13), (5, 7)] {
      #expect(
        try restartsBitForBit(
          sampler, on: potential, batches: .epochs(2), from: Tensor([1, -1]), first: first, steps: steps))
    }
  }

  @Test func whatWouldNotCancelIsRefused() throws {
    let potential = try LinearGaussianPotential<Double>(.line(count: 7))
    func start(_ sampler: SGWORLD<Double>, _ scheme: BatchScheme, after batches: Int = 0) throws {
      var evaluator = try Evaluator(potential, batches: scheme, seed: 1)
      var gradient = Tensor([0.0, 0])
      for _ in 0..<batches { _ = try evaluator.gradient(on: .next, at: gradient, into: &gradient, step: 0) }
      _ = try sampler.start(at: Tensor([0, 0]), with: &evaluator)
    }
    let sampler = try SGWORLD<Double>(stepSize: 1e-3, temperature: 1)
    for scheme: BatchScheme in [
      .subset(2), .withReplacement(2), .fixedPartition(2), .sweeps(2), .epochs(2, last: .dropped),
    ] {
      #expect(throws: SamplingError.self) { try start(sampler, scheme) }
    }
    #expect(throws: SamplingError.self) { try start(sampler, .epochs(2), after: 1) }
    let shared = try SGWORLD<Double>(stepSize: 1e-3, temperature: 1, level: .twoLM)
    #expect(throws: SamplingError.self) { try start(shared, .epochs(2)) }
    try start(shared, .epochs(7))
    try start(sampler, .all)

    let dropping = try SGWORLD<Double>(stepSize: 1e-3, temperature: 1, allowsDroppedExamples: true)
    try start(dropping, .epochs(2, last: .dropped))
    #expect(!dropping.warnings(for: potential.layout).isEmpty && sampler.warnings(for: potential.layout).isEmpty)
  }
}

// MARK: Runs

extension SGWORLDTests {
  /// What is read at the end of each epoch, with the noise numbers given by their place.
  private func run(
    _ problem: LinearGaussianProblem, _ level: SGWORLDLevel, from start: [Double] = [0, 0], epochs: Int,
    noise: (Int) -> Double
  ) throws -> [SIMD2<Double>] {
    let sampler = try SGWORLD<Double>(stepSize: .constant(Self.stepSize), temperature: 1, level: level)
    var evaluator = try Evaluator(
      LinearGaussianPotential<Double>(problem), batches: .epochs(Self.batchSize), seed: 5)
    evaluator.noise = .list((0..<(problem.count + 5) * 2 * epochs + 8).map(noise))
    var state = try sampler.start(at: Tensor(start), with: &evaluator)
    var ends: [SIMD2<Double>] = []
    while ends.count < epochs {
      guard try sampler.step(&state, with: &evaluator).isDraw else { continue }
      let draw = sampler.draw(from: state)
      ends.append([draw[0], draw[1]])
    }
    return ends
  }

  /// The batches of the sampler's epochs.
  private func order(_ examples: Int, epochs: Int) throws -> [[[Int]]] {
    var stream = try BatchStream(.epochs(Self.batchSize), exampleCount: examples, seed: 5)
    return (0..<epochs).map { _ in
      (0..<stream.batchesPerEpoch).map { _ in
        stream.advance()
        return stream.current.rows?.map { Int($0) } ?? []
      }
    }
  }

  /// Means of both weights (less the expected ones), and of their products.
  private func moments(
    _ sampler: some Sampler<Double>, _ potential: LinearGaussianPotential<Double>, _ scheme: BatchScheme,
    around mean: [Double], draws: Int
  ) throws -> [BlockMean] {
    var evaluator = try Evaluator(potential, batches: scheme, seed: 21)
    var state = try sampler.start(at: Tensor(mean), with: &evaluator)
    var found = Array(repeating: BlockMean(total: draws), count: 5)
    var count = -100
    while count < draws {
      guard try sampler.step(&state, with: &evaluator).isDraw else { continue }
      count += 1
      if count <= 0 { continue }
      let draw = sampler.draw(from: state)
      let (x, y) = (draw[0] - mean[0], draw[1] - mean[1])
      for (index, value) in [x, y, x * x, x * y, y * y].enumerated() { found[index].add(value) }
    }
    return found
  }
}

// MARK: The algebra of an epoch, for two weights

/// A corrected step of an epoch, and the batch that it is corrected against.
private struct Choice: Hashable {
  var place = -1
  var partner = -1

  static func all(_ level: SGWORLDLevel, batches: Int) -> [Choice] {
    switch level {
    case .one, .lm, .twoAll: [Choice()]
    case .two: (0..<batches).map { Choice(place: $0) }
    case .twoLM:
      (0..<batches).flatMap { place in
        (0..<batches).filter { $0 != place }.map { Choice(place: place, partner: $0) }
      }
    }
  }
}

extension SGWORLDTests {
  private func epoch(
    _ problem: LinearGaussianProblem, _ level: SGWORLDLevel, _ batches: [[Int]], _ choice: Choice
  ) -> Affine {
    var map = Affine.identity
    for place in batches.indices {
      map = step(problem, level, batches, place, choice).after(map)
    }
    return map
  }

  /// A row of the table of steps.
  private func step(
    _ problem: LinearGaussianProblem, _ level: SGWORLDLevel, _ batches: [[Int]], _ place: Int, _ choice: Choice
  ) -> Affine {
    let n = Double(batches.count)
    let eta = Self.stepSize * Double(batches[place].count) / Double(Self.batchSize)
    let (hessian, force) = gradient(problem, batches[place])
    var drift = Matrix.identity - eta * hessian
    var shift = eta * force
    let square = hessian * hessian
    switch level {
    case .one:
      return Affine(drift: drift, shift: shift, noise: 2 * eta * Matrix.identity)
    case .twoAll, .two:
      let factor = level == .twoAll ? 1 : place == choice.place ? n : 0
      drift = drift + factor * eta * eta / 2 * square
      shift -= factor * eta * eta / 2 * (hessian * force)
      return Affine(drift: drift, shift: shift, noise: eta * (Matrix.identity + drift * drift.transpose))
    case .lm, .twoLM:
      if place == choice.place {
        let (otherHessian, otherForce) = gradient(problem, batches[choice.partner])
        let c = (n - 1) * eta * eta / 2
        drift = drift + c * (hessian * (hessian - otherHessian))
        shift -= c * (hessian * (force - otherForce))
      }
      let root = 0.5 * (drift + Matrix.identity)
      return Affine(drift: drift, shift: shift, noise: 2 * eta * (root * root.transpose))
    }
  }

  private func gradient(_ problem: LinearGaussianProblem, _ rows: [Int]) -> (Matrix, SIMD2<Double>) {
    let weight = Double(problem.count) / Double(rows.count) / 0.25
    var hessian = Matrix.identity  // the prior
    var force = SIMD2<Double>.zero
    for row in rows {
      let phi = SIMD2(problem.features[row][0], problem.features[row][1])
      hessian = hessian + weight * Matrix(phi, outer: phi)
      force += weight * problem.targets[row] * phi
    }
    return (hessian, force)
  }
}

private struct Matrix {
  var columns: [SIMD2<Double>]

  static let identity = Matrix(columns: [[1, 0], [0, 1]])
  static let zero = Matrix(columns: [.zero, .zero])

  init(columns: [SIMD2<Double>]) { self.columns = columns }
  init(_ x: SIMD2<Double>, outer y: SIMD2<Double>) { columns = [x * y[0], x * y[1]] }

  var transpose: Matrix { Matrix(columns: [[columns[0][0], columns[1][0]], [columns[0][1], columns[1][1]]]) }
  var magnitude: Double { columns.reduce(0) { max($0, abs($1[0]), abs($1[1])) } }

  static func + (a: Matrix, b: Matrix) -> Matrix {
    Matrix(columns: [a.columns[0] + b.columns[0], a.columns[1] + b.columns[1]])
  }
  static func - (a: Matrix, b: Matrix) -> Matrix { a + -1 * b }
  static func * (factor: Double, a: Matrix) -> Matrix { Matrix(columns: a.columns.map { factor * $0 }) }
  static func * (a: Matrix, x: SIMD2<Double>) -> SIMD2<Double> { a.columns[0] * x[0] + a.columns[1] * x[1] }
  static func * (a: Matrix, b: Matrix) -> Matrix { Matrix(columns: b.columns.map { a * $0 }) }
}

/// w <- drift w + shift + noise of a covariance.
private struct Affine {
  var drift: Matrix
  var shift: SIMD2<Double>
  var noise: Matrix

  static let identity = Affine(drift: .identity, shift: .zero, noise: .zero)

  func after(_ first: Affine) -> Affine {
    Affine(
      drift: drift * first.drift, shift: drift * first.shift + shift,
      noise: drift * first.noise * drift.transpose + noise)
  }

  /// The largest difference from a map given by the image of 0 and those of the axes less that.
  func distance(shift: SIMD2<Double>, columns: [SIMD2<Double>]) -> Double {
    let gap = self.shift - shift
    return max(abs(gap[0]), abs(gap[1]), (drift - Matrix(columns: columns)).magnitude)
  }
}
