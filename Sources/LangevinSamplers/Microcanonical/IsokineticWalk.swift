import LangevinCore

/// A chain of the isokinetic dynamics without a test of acceptance, and what its warm-up has learnt.
///
///     a step:  O(eps/2) S(eps) O(eps/2),    S = B(b) A(1/2) B(1 - 2b) A(1/2) B(b)  or  B(1/2) A(1) B(1/2)
///
/// The warm-up of w steps, in this order (BlackJAX tunes L last, which leaves an eps that was tuned for another L):
///
///     30 %   eps, at sigma = 1
///     20 %   sigma from the spread of the positions since the first tenth of the 30 %
///     30 %   sigma once more, from these positions alone
///     10 %   L from the autocorrelation of the positions
///     10 %   eps, with all else as it is in the draws
///
/// The step size follows its rule throughout and starts afresh whenever sigma or L has changed.
package struct IsokineticWalk<Element: Scalar>: Sendable {
  /// Where the chain is.
  package var point: IsokineticPoint<Element>
  /// The end of the step that is being made, or of the trajectory.
  package var proposal: IsokineticPoint<Element>
  /// sigma, the unit of length of each parameter.
  package var scales: Tensor<Element>
  /// L.
  package var decoherence: Double
  /// eps, and its rule.
  package var rule: EnergyErrorRule
  /// Steps that failed, all in all and in a row.
  package private(set) var failures: UInt64 = 0
  private var failuresInARow: UInt64 = 0
  /// What the draws were like.
  package private(set) var tally: EnergyErrorTally
  /// What the warm-up found, in numbers: the smallest effective sample size of a coordinate in the window of L, and the longest
  /// autocorrelation time of a coordinate or its square, in steps.
  package private(set) var smallestSampleSize = Double.infinity
  package private(set) var longestTime = 0.0
  /// Decoherence lengths since the window of the spread began.
  private var decoherences = 0.0
  package var normals: Tensor<Element>
  private var spread: RunningVariance<Element>
  private var record: CorrelationRecord
  private let settings: IsokineticSettings
  private let temperature: Double
  /// The steps that adapt.
  package let warmup: UInt64

  /// A walk that starts at a position.
  ///
  /// - Throws: ``SamplingError`` if the settings do not fit the position, or if the energy or any component of the gradient
  ///   is not finite there.
  package init<P: Potential>(
    _ settings: IsokineticSettings, temperature: Double, warmup: UInt64, at position: Tensor<Element>,
    with evaluator: inout Evaluator<P>
  ) throws(SamplingError) where P.Element == Element {
    let count = position.count
    try evaluator.check(start: position)
    guard count >= 2 else {
      throw .setting(
        "the number of parameters", in: "", found: "\(count)", expected: "2 or more: a direction needs room to turn")
    }
    if case .all = evaluator.batches.scheme {
    } else {
      throw .refused(
        "this sampler works on all of the data, found minibatches of \(evaluator.batches.scheme): their noise spoils the "
          + "energy error that it is tuned by; choose batch 'all', or a sampler for minibatches such as pl")
    }
    self.settings = settings
    self.temperature = temperature
    self.warmup = warmup
    var gradient = Tensor<Element>(zeros: count)
    let energy = try evaluator.gradient(on: .all, at: position, into: &gradient, step: 0, checked: false)
    if let place = gradient.firstNonFinite {
      throw .evaluation(
        .nonFinite(
          "the gradient at the start", in: evaluator.potential.layout.blockName(at: place),
          hint: "start from another point"), step: 0)
    }
    let root = Double(count).squareRoot()
    normals = Tensor(zeros: count)
    scales = normals
    for index in 0..<count { scales[index] = 1 }
    decoherence = settings.decoherence ?? max(root, settings.stepSize ?? 0)
    rule = EnergyErrorRule(
      from: settings.stepSize ?? min(root / 4, decoherence), target: settings.energyError, dimension: count)
    rule.limit = decoherence
    spread = RunningVariance(count: count)
    tally = EnergyErrorTally(dimension: count)
    record = CorrelationRecord(steps: warmup - Self.share(0.8, of: warmup), dimension: count)
    point = IsokineticPoint(position: position, direction: normals, gradient: gradient, energy: energy)
    proposal = point
    drawDirection(with: evaluator, step: 0, lane: 0)
    proposal = point
  }

  /// Whether the slope at the point is exactly 0, where nothing turns the direction.
  package var isFlat: Bool { point.gradient.squaredNorm() == 0 }

  private static func share(_ share: Double, of steps: UInt64) -> UInt64 { UInt64((share * Double(steps)).rounded()) }

  /// u anew, uniformly.
  package mutating func drawDirection<P: Potential>(with evaluator: borrowing Evaluator<P>, step: UInt64, lane: UInt32)
  where P.Element == Element {
    evaluator.stream(.momenta).fillNormals(&normals, step: step, lane: lane)
    point.draw(direction: normals)
  }

  // MARK: Step

  /// One step. Returns dE, or nil where the step failed and the chain stayed.
  package mutating func step<P: Potential>(
    number step: UInt64, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> Double? where P.Element == Element {
    let eps = rule.stepSize
    proposal.copy(point)
    evaluator.noise.fillNormals(&normals, step: step, lane: 0)
    proposal.refresh(eps / 2, decoherence: decoherence, normals: normals)
    let error = try proposal.step(
      eps, settings.scheme, scales: scales, temperature: temperature, with: &evaluator, step: step)
    let isAdapting = step < warmup
    // A step out of all proportion is not made while the step size is being found: it would throw a good start away.
    let isTooLong = isAdapting && error.map { $0 * $0 > Double(normals.count) / 2 } ?? false
    if error != nil, !isTooLong {
      swap(&point, &proposal)
      evaluator.noise.fillNormals(&normals, step: step, lane: 1)
      point.refresh(eps / 2, decoherence: decoherence, normals: normals)
    } else {
      drawDirection(with: evaluator, step: step, lane: 1)
    }
    failures += error == nil ? 1 : 0
    failuresInARow = error == nil ? failuresInARow + 1 : 0
    if failuresInARow >= 50 { try diverge(step: step, "50 steps in a row") }
    if isAdapting {
      try learn(step: step, energyError: error)
    } else {
      tally.add(error)
      if tally.count >= 1000, tally.failures > 0.01 * tally.count { try diverge(step: step, "1 % of the steps") }
    }
    return error
  }

  private func diverge(step: UInt64, _ place: String) throws(SamplingError) {
    throw .diverged(
      step: step, quantity: "the energy", in: place,
      hint: "the step size is \(rule.stepSize): a longer warm-up finds a better one, unless the energy has a wall")
  }

  // MARK: Warm-up

  private mutating func learn(step: UInt64, energyError: Double?) throws(SamplingError) {
    rule.learn(energyError: energyError)
    decoherences += rule.stepSize / decoherence
    func end(_ share: Double) -> UInt64 { Self.share(share, of: warmup) }
    if settings.adaptsScales, end(0.03)..<end(0.8) ~= step { spread.add(point.position) }
    if step >= end(0.8) { record.add(point.position) }
    switch step + 1 {
    case end(0.03): decoherences = 0
    case end(0.5), end(0.8):
      if settings.adaptsScales { adoptScales() } else { rule.restart() }
    case end(0.9): adoptDecoherence()
    case warmup:
      if decoherences < 0.1 {
        throw .diverged(
          step: step + 1, quantity: "the path", in: "the last tenth of the warm-up",
          hint: "it is frozen: it covered \(decoherences) of the length over which a direction is forgotten")
      }
      let longest = record.times
      longestTime = (longest.positions + longest.squares).max() ?? 0
    default: break
    }
  }

  /// sigma = the spread of the positions, each logarithm drawn to the mean one as if by five more independent positions.
  ///
  /// Independent positions are counted by decoherence lengths, because positions of neighbouring steps are alike.
  private mutating func adoptScales() {
    let variances = spread.variances
    let count = variances.count
    var (total, mean) = (0.0, 0.0)
    for index in 0..<count { total += variances[index] }
    // A parameter that never moved would get no step at all.
    let floor = 1e-12 * total / Double(count)
    guard total > 0, total.isFinite else { return rule.restart() }
    for index in 0..<count { mean += Math.log(max(variances[index], floor)) / Double(count) }
    let weight = decoherences / (decoherences + 5)
    let before = scales.squaredNorm()
    for index in 0..<count {
      let logarithm = mean + weight * (Math.log(max(variances[index], floor)) - mean)
      scales[index] = Element(Math.exp(logarithm / 2))
    }
    // The length of a step in the old units is worth this in the new ones.
    rule.restart(unit: (scales.squaredNorm() / before).squareRoot())
    decoherence = settings.decoherence ?? Double(count).squareRoot()
    rule.limit = decoherence
    spread = RunningVariance(count: count)
    decoherences = 0
  }

  private mutating func adoptDecoherence() {
    let times = record.times.positions
    smallestSampleSize = record.steps / (times.max() ?? 1)
    if settings.decoherence == nil {
      let root = Double(normals.count).squareRoot()
      let mean = times.reduce(0, +) / Double(times.count)
      let length = smallestSampleSize < 10 ? root : 0.4 * rule.stepSize * mean
      decoherence = min(max(length, rule.stepSize), 30 * root)
      rule.limit = decoherence
    }
    rule.restart()
    decoherences = 0
  }

  /// Exchanges positions, with their energies and gradients.
  mutating func exchangePoint(_ other: inout Self) {
    swap(&point.position, &other.point.position)
    swap(&point.gradient, &other.point.gradient)
    swap(&point.energy, &other.point.energy)
  }

  package mutating func archive(in archive: inout some StateArchive) throws {
    try archive.field("position", &point.position)
    try archive.field("direction", &point.direction)
    try archive.field("gradient", &point.gradient)
    try archive.field("energy.cost", &point.energy.cost)
    try archive.field("energy.prior", &point.energy.prior)
    let length = point.direction.squaredNorm().squareRoot()
    guard (length - 1).magnitude < 1e-6 else {
      throw SamplingError.setting(
        "the direction", in: "the checkpoint", found: "of length \(length)", expected: "length 1")
    }
    try archive.field("scales", &scales)
    try archive.field("decoherence", &decoherence)
    try archive.field("decoherences", &decoherences)
    try archive.nested("rule") { archive in try rule.archive(in: &archive) }
    try archive.field("failures", &failures)
    try archive.field("failuresInARow", &failuresInARow)
    try archive.field("smallestSampleSize", &smallestSampleSize)
    try archive.field("longestTime", &longestTime)
    try archive.nested("tally") { archive in try tally.archive(in: &archive) }
    try spread.archive(as: "spread", in: &archive)
    try archive.nested("record") { archive in try record.archive(in: &archive) }
  }
}

/// What an isokinetic walk needs to know.
package struct IsokineticSettings: Sendable {
  var scheme: IsokineticScheme
  /// eps at the start; nil for sqrt(d)/4.
  var stepSize: Double?
  /// L; nil for what the warm-up finds.
  var decoherence: Double?
  /// EEVPD that eps is tuned to.
  var energyError: Double
  /// Whether sigma becomes the spread of the positions.
  var adaptsScales: Bool
}

/// Energy errors of the draws, and their variance per dimension.
package struct EnergyErrorTally: Sendable {
  /// Steps, and those of them without an energy, which were not made.
  package private(set) var count = 0.0, failures = 0.0
  private var mean = 0.0
  private var squares = 0.0
  private let dimension: Double

  init(dimension: Int) { self.dimension = Double(dimension) }

  mutating func add(_ error: Double?) {
    count += 1
    guard let error else {
      failures += 1
      return
    }
    let offset = error - mean
    mean += offset / (count - failures)
    squares += offset * (error - mean)
  }

  /// EEVPD = Var(dE)/d.
  package var variancePerDimension: Double { squares / max(count - failures - 1, 1) / dimension }
  /// (EEVPD/4)^(1/3): for a Gaussian of any covariance the root mean square of the relative errors of its variances is at most
  /// this, to leading order; for other laws it is a guide and no bound.
  package var biasBound: Double { Math.pow(variancePerDimension / 4, 1.0 / 3) }

  mutating func archive(in archive: inout some StateArchive) throws {
    try archive.field("count", &count)
    try archive.field("failures", &failures)
    try archive.field("mean", &mean)
    try archive.field("squares", &squares)
  }
}
