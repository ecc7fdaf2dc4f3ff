import LangevinCore

/// What the last measurement of the gradient noise found.
package struct UpdateReport: Sendable {
  /// The share of components at a floor of the variance, above the cap, and not settled after the last draw.
  package var floored = 0.0, capped = 0.0, unconverged = 0.0
  /// Minibatches drawn for the variances; 0 where they are exact.
  package var draws: UInt64 = 0
  /// Units that the guard has found too hot, all in all.
  package var hotUnits: UInt64 = 0
  /// The share of the noise between two drifts that minibatches bring: of each layer the median, then the largest.
  package var shares: [Double] = []

  package mutating func archive(in archive: inout some StateArchive) throws {
    try archive.field("report.floored", &floored)
    try archive.field("report.capped", &capped)
    try archive.field("report.unconverged", &unconverged)
    try archive.field("report.draws", &draws)
    try archive.field("report.hotUnits", &hotUnits)
    try archive.field("report.shares", &shares)
  }

  /// The columns of a record at a closed state.
  func details<Element>(
    of state: PseudoLangevin<Element>.State, loss: Double, isCorrected: Bool
  ) -> [(name: String, value: Double)] {
    var details = [
      ("floored", floored), ("capped", capped), ("unconverged", unconverged),
      ("calm_updates", Double(state.masses.streak)),
      ("hot_units", Double(hotUnits)),
    ]
    if let worst = state.directions?.temperatureRatios(momentumLoss: loss, isCorrected: isCorrected).max() {
      details.append(("worst_temperature_ratio", worst))
    }
    for layer in 0..<shares.count / 2 {
      details.append(("minibatch_share.\(layer + 1)", shares[2 * layer]))
      details.append(("largest_share.\(layer + 1)", shares[2 * layer + 1]))
    }
    return details.map { (name: $0.0, value: $0.1) }
  }
}

extension PseudoLangevin {
  /// What is due at a closed state: a new temperature, or an update of the masses. Returns warnings.
  func follow<P: Potential>(
    _ state: inout State, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> [String] where P.Element == Element {
    // What the measurement at the start found had no record to go into yet.
    let first = state.step == state.segment ? warnings(about: state, at: 0) : []
    let target = temperature.value(at: state.step)
    if target != state.temperature {
      try restart(&state, at: target, with: &evaluator)
      return first + warnings(about: state, at: state.step)
    }
    // Correlated noise may keep a unit as hot as its worst direction; that is reported, and no update can help.
    let worst = worstTemperatureRatio(state)
    let hot =
      state.units?.hotUnits(
        momentum: state.momentum, inverseMass: state.masses.inverse, temperature: state.temperature * max(1, worst))
      ?? []
    let interval = updates.interval(streak: state.masses.streak, segment: state.segment)
    let isDue = state.step % interval == 0 || isSettling(state)
    if !isDue && (hot.isEmpty || updates.areFrozen) { return first }
    try updateMasses(&state, resetting: hot, with: &evaluator)
    return first + warnings(about: state, at: state.step) + warnings(about: hot, state, evaluator.potential.layout)
  }

  /// Whether this is the first closed state at which masses are to be kept.
  private func isSettling(_ state: State) -> Bool {
    !updates.areFrozen && state.step >= state.settling && state.step - state.settling < state.segment
  }

  /// Step 2 of algorithm P, for each rung of a ladder anew: variances, masses with the ratio in force, all momenta.
  func restart<P: Potential>(
    _ state: inout State, at temperature: Double, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) where P.Element == Element {
    let measured = try variance.measure(
      at: state.position, with: &evaluator, gradient: &state.gradient, step: state.step)
    guard (0..<measured.variances.count).contains(where: { measured.variances[$0] > 0 }) else {
      throw .refused(
        "the gradients of all minibatches are equal at the start, so there is no noise to make masses from: start from "
          + "a trained network, check the data, or use a sampler with masses of its own such as hybrid Monte Carlo")
    }
    state.temperature = temperature
    state.masses = ControlledMasses(count: state.position.count)
    let change = state.masses.reset(
      to: measured.variances, ratio: state.step < state.settling ? updates.startRatio : updates.settledRatio,
      rule: variance, layout: evaluator.potential.layout,
      bookkeeping: bookkeeping(at: temperature))
    redraw(change.redrawn, &state, from: evaluator.stream(.momenta))
    report(measured, change, &state, evaluator.potential.layout)
    try measureDirections(&state, sweeps: correlation?.firstSweeps ?? 0, with: &evaluator)
  }

  /// Algorithm U, in the order of its steps.
  private func updateMasses<P: Potential>(
    _ state: inout State, resetting hotUnits: [Int], with evaluator: inout Evaluator<P>
  ) throws(SamplingError) where P.Element == Element {
    let layout = evaluator.potential.layout
    let bookkeeping = bookkeeping(at: state.temperature)

    // 1. The variances here.
    let measured = try variance.measure(
      at: state.position, with: &evaluator, gradient: &state.gradient, step: state.step)
    let changed = variance.changedShare(
      from: state.masses.variances, to: measured.variances, tolerance: updates.tolerance)

    // 2 and 3. Reset with a given probability; otherwise only what is above the cap, and hot units, get new masses. Once the
    // chain settles all masses are made for the last time, and from then on the cap is what the bookkeeping can bear.
    let change: ControlledMasses<Element>.Change
    let isSettled = state.step >= state.settling
    let isReset = evaluator.stream(.resets).uniform(step: state.step) < updates.resetProbability
    if isSettling(state) || (isReset && !isSettled) {
      change = state.masses.reset(
        to: measured.variances, ratio: isSettled ? updates.settledRatio : updates.resetRatio, rule: variance,
        layout: layout, bookkeeping: bookkeeping)
    } else {
      var isHot = [Bool](repeating: false, count: hotUnits.isEmpty ? 0 : state.position.count)
      for unit in hotUnits {
        for range in state.units?.units[unit] ?? [] { for index in range { isHot[index] = true } }
      }
      change = state.masses.update(
        to: measured.variances, ratio: isSettled ? updates.settledRatio : updates.largestRatio,
        cap: isSettled ? ratioLimit : updates.largestRatio,
        always: { !isHot.isEmpty && isHot[$0] }, rule: variance,
        layout: layout, bookkeeping: bookkeeping)
    }
    redraw(change.redrawn, &state, from: evaluator.stream(.momenta))

    // 4. Calm variances are looked at less often.
    state.masses.streak = changed == 0 ? state.masses.streak + 1 : 1

    // 5. The noise to add follows from the new masses and variances when it is next needed.
    state.forgetNoise()

    state.report.hotUnits += UInt64(hotUnits.count)
    state.masses.cappedInARow = change.cappedShare == 1 ? state.masses.cappedInARow + 1 : 0
    report(measured, change, &state, layout)
    try measureDirections(&state, sweeps: 1, with: &evaluator)
  }

  /// p_i from N(0, M_i T) where masses changed.
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  private func redraw(_ redrawn: [Bool], _ state: inout State, from stream: RandomStream) {
    stream.fillNormals(&state.gradient, step: state.step)
    for index in redrawn.indices where redrawn[index] {
      let deviation = (state.temperature / Double(state.masses.inverse[index])).squareRoot()
      state.momentum[index] = Element(deviation * Double(state.gradient[index]))
    }
    state.forgetNoise()
  }

  private func report(
    _ measured: GradientVariance.Measurement<Element>, _ change: ControlledMasses<Element>.Change, _ state: inout State,
    _ layout: ParameterLayout
  ) {
    state.report.floored = change.flooredShare
    state.report.capped = change.cappedShare
    state.report.unconverged = measured.unconverged
    state.report.draws = UInt64(measured.draws)
    state.report.shares = shares(of: state, layout)
  }

  /// The median and the largest minibatch share of each layer, one after the other.
  private func shares(of state: State, _ layout: ParameterLayout) -> [Double] {
    let bookkeeping = bookkeeping(at: state.temperature)
    // Layers without parameters, which no layout of a network has, are not asked about.
    let layers = (try? layout.layers()) ?? []
    return layers.flatMap { layer -> [Double] in
      let ratios: [Double] = layer.ranges.joined().map { state.masses.ratio($0, bookkeeping) }.sorted()
      let (median, largest) = (ratios[ratios.count / 2], ratios[ratios.count - 1])
      return [bookkeeping.minibatchShare(ratio: median), bookkeeping.minibatchShare(ratio: largest)]
    }
  }

  var isCorrected: Bool { correlation?.isCorrected == true }

  /// T_eff/T of the hottest direction, or 1.
  private func worstTemperatureRatio(_ state: State) -> Double {
    state.directions?.temperatureRatios(momentumLoss: momentumLoss, isCorrected: isCorrected).max() ?? 1
  }

  private func measureDirections<P: Potential>(
    _ state: inout State, sweeps: Int, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) where P.Element == Element {
    guard let correlation, var directions = state.directions else { return }
    state.directions = nil
    defer { state.directions = directions }
    try directions.refine(
      sweeps: sweeps, draws: correlation.draws, at: state.position, with: &evaluator, gradient: &state.gradient,
      masses: state.masses, bookkeeping: bookkeeping(at: state.temperature), step: state.step)
  }

  // MARK: Sentences

  /// What a user should know of the last measurement, made at `step`.
  private func warnings(about state: State, at step: UInt64) -> [String] {
    var warnings: [String] = []
    func warn(_ text: String) { warnings.append("step \(step): " + text) }
    let report = state.report
    if report.unconverged > 0 {
      warn(
        "after \(report.draws) minibatches \(percent(report.unconverged)) of the variances had not settled to "
          + "\(percent(variance.tolerance)); raise the most draws, or choose exact variances")
    }
    if report.floored > 0.5 {
      warn(
        "\(percent(report.floored)) of all variances are at their floor, so most parameters move more slowly than they "
          + "could: lower the floor for a very large network, or start from a trained one if they see no gradient")
    }
    if state.masses.cappedInARow >= 5 {
      warn(
        "every parameter was above the cap in \(state.masses.cappedInARow) updates in a row: the noise keeps growing; start "
          + "from a trained network, or use a smaller ratio until the loss has dropped")
    }
    let worst = worstTemperatureRatio(state)
    if worst > 1.1 {
      warn(
        "correlated minibatch noise makes a direction run at \(rounded(worst)) T; averages over many directions are hardly "
          + "touched, covariances are: use a smaller ratio"
          + (isCorrected ? "" : ", or correct the noise along its leading directions"))
    }
    return warnings
  }

  private func warnings(about hotUnits: [Int], _ state: State, _ layout: ParameterLayout) -> [String] {
    guard let unit = hotUnits.first, let place = state.units?.units[unit].first?.lowerBound else { return [] }
    return [
      "step \(state.step): \(hotUnits.count) units are too hot, the first in \(layout.blockName(at: place)); their masses "
        + "were made anew. If it happens again, start from a trained network or use a smaller ratio"
    ]
  }

  /// A divergence, with what is known about the noise at that moment.
  func explain(_ error: SamplingError, _ state: State, exampleCount: Int) -> SamplingError {
    guard case .evaluation(.nonFinite(let quantity, let place, let hint), let step) = error else { return error }
    let bookkeeping = bookkeeping(at: state.temperature)
    let ratios = (0..<state.position.count).map { state.masses.ratio($0, bookkeeping) }.sorted()
    let variances = state.masses.variances.elements.map(Double.init).sorted()
    func quantiles(_ sorted: [Double]) -> String {
      [0, sorted.count / 2, sorted.count - 1].map { "\(sorted[$0])" }.joined(separator: ", ")
    }
    return .diverged(
      step: step, quantity: quantity, in: place,
      hint: (hint.isEmpty ? "" : hint + "; ")
        + "smallest, median and largest ratio were \(quantiles(ratios)) and variance \(quantiles(variances)): start from a "
        + "trained network, use a smaller ratio, or update masses more often")
  }
}

private func percent(_ share: Double) -> String { rounded(100 * share) + " %" }

/// Three significant digits are enough for a sentence.
private func rounded(_ value: Double) -> String {
  let steps = (value * 1000).rounded() / 1000
  return "\(steps)"
}
