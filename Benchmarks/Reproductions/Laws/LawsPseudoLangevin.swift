import Langevin

/// Pseudo-Langevin against hybrid Monte Carlo in one basin of a small classifier: experiment 9.8 of the specification.
enum LawsPseudoLangevin {
  private static let temperature = 1e-4
  private static let momentumLoss = 0.3

  /// 4 classes in 20 dimensions, 2000 examples; 20-16-16-4 with ReLU after the last layer; lambda = 10/N.
  private static func posterior() throws -> Posterior<Float> {
    let stream = RandomStream(seed: 98, purpose: .data)
    let labels = (0..<2000).map { Int32($0 % 4) }
    let examples = try Examples<Float>(count: 2000, inputWidth: 20, targets: .classes(labels, count: 4)) {
      row, inputs in
      for column in 0..<20 {
        let centre = column % 4 == row % 4 ? 1.0 : 0
        inputs[column] = Float(centre + stream.normal(step: UInt64(row), element: column))
      }
    }
    let network = try MLP([20, 16, 16, 4], output: .relu)
    return try Posterior(
      network, examples: examples, loss: .crossEntropy, prior: .gaussian(precision: 10 / Double(network.layout.count)))
  }

  /// What is averaged along a chain, on all of the data.
  private struct Averages {
    var energies: [Double] = []
    var energy = BlockAverages(), cost = BlockAverages(), squaredNorm = BlockAverages(), virial = BlockAverages()
    var kinetic = BlockAverages()
    var directions: [DirectionalTemperature] = []
    /// T_eff/T of each direction from the noise of one minibatch at each configuration.
    var noise: [BlockAverages] = []
    /// The last position.
    var end: Tensor<Float>?

    mutating func add(
      _ energy: Energy, at position: Tensor<Float>, gradient: Tensor<Float>, momentum: Tensor<Float>,
      inverseMasses: Tensor<Float>
    ) {
      end = position
      energies.append(energy.total)
      self.energy.add(energy.total)
      cost.add(energy.cost)
      var (square, product, twiceKinetic) = (0.0, 0.0, 0.0)
      for index in 0..<position.count {
        let w = Double(position[index])
        square += w * w
        product += w * Double(gradient[index])
        twiceKinetic += Double(momentum[index]) * Double(momentum[index]) * Double(inverseMasses[index])
      }
      squaredNorm.add(square)
      virial.add(product / Double(position.count))
      kinetic.add(twiceKinetic / Double(position.count) / temperature)
      for index in directions.indices {
        directions[index].add(
          position: position, gradient: gradient, momentum: momentum, inverseMasses: inverseMasses)
      }
    }

    /// Adds what a minibatch gradient says about the noise along the directions of a chain, where its full gradient is known.
    mutating func add(
      noise minibatch: Tensor<Float>, gradient: Tensor<Float>, of chain: PseudoLangevin<Float>.State
    ) {
      guard let directions = chain.directions else { return }
      // In mass-scaled coordinates g (dt/2)/(m1 sqrt(M T)).
      let scale = 1 / (4 * temperature * momentumLoss * momentumLoss)
      if noise.isEmpty { noise = directions.vectors.map { _ in BlockAverages() } }
      for (index, vector) in directions.vectors.enumerated() {
        var z = 0.0
        for i in 0..<vector.count {
          let inverse = Double(chain.inverseMasses[i])
          z += Double(vector[i]) * (scale * inverse).squareRoot() * Double(minibatch[i] - gradient[i])
        }
        noise[index].add(1 + (2 - momentumLoss * momentumLoss) * (z * z - directions.counted[index]))
      }
    }

    /// var U / T^2, which for exp(-U/T) is d<U>/dT.
    var fluctuation: (value: Double, standardError: Double) {
      // From the mean, so that little cancels.
      let gaps = energies.map { $0 - energy.moments.mean }
      let length = gaps.count / 40
      var blocks = Blocks()
      for block in 0..<40 {
        let part = gaps[block * length..<(block + 1) * length]
        blocks.add([part.reduce(0, +), part.reduce(0) { $0 + $1 * $1 }].map { $0 / Double(length) })
      }
      let variance = blocks.jackknife { $0[1] - $0[0] * $0[0] }
      let scale = temperature * temperature
      return (variance.value / scale, variance.standardError / scale)
    }

    var observables: [(name: String, blocks: BlockAverages)] {
      [("loss", energy), ("cost", cost), ("squared norm", squaredNorm)]
    }
  }

  /// The means of both samplers, with masses that are kept: they agree at r = 0.01, and at r = 0.1 cost and norm show what
  /// correlated noise does; with masses that follow the noise, the bias that this has; the temperatures along its leading directions; the negative controls.
  static func rows(effort: Double = 1) throws -> [LawRow] {
    let posterior = try posterior()
    var start = try trained(posterior)
    var rows: [LawRow] = []

    let cold = try hybrid(posterior, temperature, from: start, effort, along: nil)
    start = cold.end ?? start
    rows.append(row("hMC: virial over T", cold.virial, over: temperature, 1))
    let slope = try slope(posterior, from: start, effort)
    rows.append(compare("hMC: var(loss)/T^2, expected d<loss>/dT", cold.fluctuation, slope))
    for ratio in [0.01, 0.1] {
      let (averages, _) = try pseudo(posterior, from: start, effort) {
        $0.ratio = ratio
        $0.settling = 0
      }
      for (mine, other) in zip(averages.observables, cold.observables) {
        rows.append(compare("pL, r \(ratio): \(mine.name), expected from hMC", mine.blocks, other.blocks))
      }
      rows.append(compare("pL, r \(ratio): var(loss)/T^2, expected d<loss>/dT", averages.fluctuation, slope))
      rows.append(row("pL, r \(ratio): virial over T", averages.virial, over: temperature, 1))
    }
    let (following, _) = try pseudo(posterior, from: start, effort) { $0.followLikeThePaper() }
    rows.append(
      row(
        "pL, r 0.01, masses that follow: virial over T, expected where they are kept", following.virial,
        over: temperature, 1))
    for ratio in [0.01, 0.1, 0.3] {
      let (averages, chain) = try pseudo(posterior, from: start, effort) {
        $0.keepMasses(ratio: ratio)
        $0.directions = 3
        $0.directionDraws = 2000
        $0.firstSweeps = 5
      }
      for (index, direction) in averages.directions.enumerated() {
        let name = "pL, r \(ratio): direction \(index + 1)"
        let (virial, kinetic) = (blocks(direction.virial), blocks(direction.kinetic))
        rows.append(compare("\(name), kinetic over T, expected from the noise", kinetic, averages.noise[index]))
        rows.append(compare("\(name), virial over T, expected kinetic", virial, kinetic))
      }
      if ratio == 0.3 {
        // The same directions in hMC are at T.
        let control = try hybrid(posterior, temperature, from: start, effort, along: chain)
        for (index, direction) in control.directions.enumerated() {
          rows.append(
            row("hMC: virial over T of direction \(index + 1)", blocks(direction.virial), over: 1, 1))
        }
        // The negative control is as hot as its momenta say, and its loss that of hMC at this temperature.
        let naive = try naive(posterior, from: start, masses: chain.inverseMasses, effort)
        let heat = naive.kinetic.moments.mean
        rows.append(row("naive pL, r \(ratio): virial over T, expected kinetic", naive.virial, over: temperature, heat))
        let hot = try hybrid(posterior, temperature * heat, from: start, effort, along: nil)
        rows.append(
          compare("naive pL, r \(ratio): loss, about that of hMC as hot", naive.energy, hot.energy))
      }
    }
    return rows
  }

  // MARK: Chains

  /// A trained network of which every output is alive: with ReLU after the last layer some starts lose one for good.
  private static func trained(_ posterior: Posterior<Float>) throws -> Tensor<Float> {
    var workspace = posterior.makeWorkspace()
    var seed: UInt64 = 0
    while true {
      seed += 1
      var evaluator = try Evaluator(posterior, batches: .distinct(32), seed: seed)
      var position: Tensor<Float> = posterior.network.initialParameters(
        from: RandomStream(seed: seed, purpose: .initialisation))
      var gradient = position
      for step in 0..<5000 {
        _ = try evaluator.gradient(on: .next, at: position, into: &gradient, step: UInt64(step))
        for index in 0..<position.count { position[index] -= 0.1 * gradient[index] }
      }
      let fit = try posterior.fit(at: position, workspace: &workspace)
      if let errorRate = fit.errorRate, errorRate < 0.2 { return position }
    }
  }

  /// 2e6 `effort` steps after a tenth of that with masses that follow the noise, measured every 500.
  ///
  /// The floor is high because units that are silent at a measurement wake later, and frozen masses cannot follow.
  private static func pseudo(
    _ posterior: Posterior<Float>, from start: Tensor<Float>, _ effort: Double,
    _ change: (inout PseudoLangevinSettings) -> Void
  ) throws -> (Averages, PseudoLangevin<Float>.State) {
    func sampler(_ change: (inout PseudoLangevinSettings) -> Void) throws -> PseudoLangevin<Float> {
      try PseudoLangevin<Float>(temperature: .constant(temperature)) {
        $0.variance = GradientVariance(.exact, relativeFloor: 0.2)
        $0.momentumLoss = momentumLoss
        $0.segment = 500
        change(&$0)
      }
    }
    var evaluator = try Evaluator(posterior, batches: .distinct(32), seed: 2)
    let approach = try sampler {
      $0.followLikeThePaper()
      $0.updateEvery = 2000
    }
    var state = try approach.start(at: start, with: &evaluator)
    for _ in 0..<Int(2e5 * effort) { _ = try approach.step(&state, with: &evaluator) }
    let sampler = try sampler(change)
    state = try sampler.start(at: state.position, with: &evaluator)

    var averages = Averages()
    averages.directions = state.directions?.vectors.map { DirectionalTemperature(along: $0) } ?? []
    var (gradient, minibatch) = (start, start)
    for _ in 0..<Int(4000 * effort) {
      for _ in 0..<state.segment { _ = try sampler.step(&state, with: &evaluator) }
      let energy = try evaluator.gradient(on: .all, at: state.position, into: &gradient, step: state.step)
      averages.add(
        energy, at: state.position, gradient: gradient, momentum: state.momentum, inverseMasses: state.inverseMasses)
      _ = try evaluator.gradient(on: .next, at: state.position, into: &minibatch, step: state.step)
      averages.add(noise: minibatch, gradient: gradient, of: state)
    }
    return (averages, state)
  }

  private static func naive(
    _ posterior: Posterior<Float>, from start: Tensor<Float>, masses inverse: Tensor<Float>, _ effort: Double
  ) throws -> Averages {
    let sampler = try NaivePseudoLangevin<Float>(
      temperature: temperature, masses: Tensor(inverse.elements.map { 1 / $0 }), momentumLoss: momentumLoss)
    var evaluator = try Evaluator(posterior, batches: .distinct(32), seed: 3)
    var state = try sampler.start(at: start, with: &evaluator)
    var averages = Averages()
    var gradient = start
    for block in -400..<Int(4000 * effort) {
      for _ in 0..<500 { _ = try sampler.step(&state, with: &evaluator) }
      if block < 0 { continue }
      let energy = try evaluator.gradient(on: .all, at: state.position, into: &gradient, step: state.step)
      averages.add(
        energy, at: state.position, gradient: gradient, momentum: state.momentum, inverseMasses: inverse)
    }
    return averages
  }

  /// 6000 `effort` moves after 500 of warm-up; the directions of a pseudo-Langevin chain, if given.
  private static func hybrid(
    _ posterior: Posterior<Float>, _ temperature: Double, from start: Tensor<Float>, _ effort: Double,
    along chain: PseudoLangevin<Float>.State?
  ) throws -> Averages {
    let sampler = try HybridMonteCarlo<Float>(
      temperature: temperature, stepSize: 0.3, leapfrogSteps: 30, adaptMoves: 500)
    var evaluator = try Evaluator(posterior, seed: 4)
    var state = try sampler.start(at: start, with: &evaluator)
    var averages = Averages()
    averages.directions = chain?.directions?.vectors.map { DirectionalTemperature(along: $0) } ?? []
    let inverse = chain?.inverseMasses ?? start
    for move in 0..<500 + Int(6000 * effort) {
      let record = try sampler.step(&state, with: &evaluator)
      if move < 500 { continue }
      averages.add(
        record.energy, at: state.position, gradient: state.gradient, momentum: state.momentum, inverseMasses: inverse)
    }
    return averages
  }

  /// d<U>/dT from hybrid Monte Carlo a tenth above and below.
  private static func slope(
    _ posterior: Posterior<Float>, from start: Tensor<Float>, _ effort: Double
  ) throws -> (value: Double, standardError: Double) {
    let ends = try [0.9, 1.1].map { try hybrid(posterior, $0 * temperature, from: start, effort, along: nil).energy }
    let errors = ends.map { $0.standardError ?? .nan }
    let span = 0.2 * temperature
    return (
      (ends[1].moments.mean - ends[0].moments.mean) / span,
      (errors[0] * errors[0] + errors[1] * errors[1]).squareRoot() / span
    )
  }

  // MARK: Rows

  /// In units of T.
  private static func blocks(_ temperatures: [Double]) -> BlockAverages {
    temperatures.reduce(into: BlockAverages()) { $0.add($1 / temperature) }
  }

  private static func row(_ name: String, _ blocks: BlockAverages, over scale: Double, _ expected: Double) -> LawRow {
    LawRow(
      name: name, value: blocks.moments.mean / scale, expected: expected,
      standardError: (blocks.standardError ?? .nan) / scale)
  }

  private static func compare(_ name: String, _ mine: BlockAverages, _ other: BlockAverages) -> LawRow {
    compare(
      name, (mine.moments.mean, mine.standardError ?? .nan), (other.moments.mean, other.standardError ?? .nan))
  }

  private static func compare(
    _ name: String, _ mine: (value: Double, standardError: Double), _ other: (value: Double, standardError: Double)
  ) -> LawRow {
    LawRow(
      name: name, value: mine.value, expected: other.value,
      standardError: (mine.standardError * mine.standardError + other.standardError * other.standardError).squareRoot())
  }
}
