import LangevinCore

// How the masses of pseudo-Langevin follow the noise of the minibatches, at closed states (Zambon et al., arXiv:2603.15367,
// "controlled" dynamics). An update
//
// 1. measures the variances v where the chain is;
// 2. with a given probability makes all masses anew for the ratio wanted, M = v dt^2/(4 r T m1^2), which lets them become
//    lighter again; otherwise
// 3. keeps the masses, so that ratios grow as their variances do, but for parameters above a cap and for hot units;
// 4. draws the momenta of changed masses from N(0, M T), which leaves exp(-U/T) as it is;
// 5. comes sooner or later, as variances have changed or not.
//
// At the end of the warm-up all masses are made for the last time; from then on only what minibatches alone would overheat
// gets a new one. The noise to add always counts the variances as measured last.

// MARK: When

extension PseudoLangevinSettings {
  /// Whether masses never change after the start.
  var areMassesFrozen: Bool { updateEvery == .max }

  /// The steps between updates after `streak` calm ones: the shortest interval in whole segments times the streak, up to the
  /// longest, which is a multiple of the shortest.
  package func updateInterval(streak: UInt64, segment: UInt64) -> UInt64 {
    if areMassesFrozen { return .max }
    func rounded(_ value: UInt64, to unit: UInt64) -> UInt64 {
      let half = value.addingReportingOverflow(unit / 2)
      return max(1, (half.overflow ? value : half.partialValue) / unit) * unit
    }
    let shortest = rounded(updateEvery, to: segment)
    let longest = rounded(updateAtMost, to: shortest)
    let product = streak.multipliedReportingOverflow(by: shortest)
    return product.overflow ? longest : min(product.partialValue, longest)
  }
}

extension PseudoLangevin {
  /// What is due at a closed state: a new temperature, or an update of the masses. Returns warnings.
  func applyDueUpdates<P: Potential>(
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
    let interval = settings.updateInterval(streak: state.masses.streak, segment: state.segment)
    let isDue = state.step % interval == 0 || isSettling(state)
    if !isDue && (hot.isEmpty || settings.areMassesFrozen) { return first }
    try updateMasses(&state, resetting: hot, with: &evaluator)
    return first + warnings(about: state, at: state.step) + warnings(about: hot, state, evaluator.potential.layout)
  }

  /// T_eff/T of the hottest direction, or 1.
  func worstTemperatureRatio(_ state: State) -> Double {
    state.directions?
      .temperatureRatios(momentumLoss: settings.momentumLoss, isCorrected: settings.correctsDirections).max() ?? 1
  }

  /// Whether this is the first closed state at which masses are to be kept.
  private func isSettling(_ state: State) -> Bool {
    !settings.areMassesFrozen && state.step >= state.settling && state.step - state.settling < state.segment
  }
}

// MARK: What

extension PseudoLangevin {
  /// The start, for each rung of a ladder anew: variances, masses for the ratio in force, all momenta.
  func restart<P: Potential>(
    _ state: inout State, at temperature: Double, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) where P.Element == Element {
    let measured = try settings.variance.measure(
      at: state.position, with: &evaluator, gradient: &state.gradient, step: state.step)
    guard (0..<measured.variances.count).contains(where: { measured.variances[$0] > 0 }) else {
      throw .refused(
        "the gradients of all minibatches are equal at the start, so there is no noise to make masses from: start from "
          + "a trained network, check the data, or use a sampler with masses of its own such as hybrid Monte Carlo")
    }
    state.temperature = temperature
    state.masses = ControlledMasses(count: state.position.count)
    let change = state.masses.reset(
      to: measured.variances, ratio: state.step < state.settling ? settings.ratioWhileFollowing : settings.ratio,
      rule: settings.variance, layout: evaluator.potential.layout, bookkeeping: bookkeeping(at: temperature))
    redraw(change.redrawn, &state, from: evaluator.stream(.momenta))
    report(measured, change, &state, evaluator.potential.layout)
    try measureDirections(&state, sweeps: settings.firstSweeps, with: &evaluator)
  }

  /// An update, in the order of its steps.
  private func updateMasses<P: Potential>(
    _ state: inout State, resetting hotUnits: [Int], with evaluator: inout Evaluator<P>
  ) throws(SamplingError) where P.Element == Element {
    let (layout, bookkeeping) = (evaluator.potential.layout, bookkeeping(at: state.temperature))
    let measured = try settings.variance.measure(
      at: state.position, with: &evaluator, gradient: &state.gradient, step: state.step)
    // Calm: no standard deviation has changed by more than a tenth.
    let isCalm =
      settings.variance.changedShare(from: state.masses.variances, to: measured.variances, tolerance: 0.1) == 0

    let change: ControlledMasses<Element>.Change
    let isSettled = state.step >= state.settling
    let isReset = evaluator.stream(.resets).uniform(step: state.step) < settings.resetProbability
    if isSettling(state) || (isReset && !isSettled) {
      change = state.masses.reset(
        to: measured.variances, ratio: isSettled ? settings.ratio : settings.ratioAfterReset, rule: settings.variance,
        layout: layout, bookkeeping: bookkeeping)
    } else {
      var isHot = [Bool](repeating: false, count: hotUnits.isEmpty ? 0 : state.position.count)
      for unit in hotUnits {
        for range in state.units?.units[unit] ?? [] { for index in range { isHot[index] = true } }
      }
      change = state.masses.update(
        to: measured.variances, ratio: isSettled ? settings.ratio : settings.cap,
        cap: isSettled ? settings.ratioLimit : settings.cap, always: { !isHot.isEmpty && isHot[$0] },
        rule: settings.variance, layout: layout, bookkeeping: bookkeeping)
    }
    redraw(change.redrawn, &state, from: evaluator.stream(.momenta))

    state.masses.streak = isCalm ? state.masses.streak + 1 : 1
    state.masses.cappedInARow = change.cappedShare == 1 ? state.masses.cappedInARow + 1 : 0
    state.report.hotUnits += UInt64(hotUnits.count)
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

  private func measureDirections<P: Potential>(
    _ state: inout State, sweeps: Int, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) where P.Element == Element {
    guard var directions = state.directions else { return }
    state.directions = nil
    defer { state.directions = directions }
    try directions.refine(
      sweeps: sweeps, draws: settings.directionDraws, at: state.position, with: &evaluator, gradient: &state.gradient,
      masses: state.masses, bookkeeping: bookkeeping(at: state.temperature), step: state.step)
  }
}

// MARK: Masses

/// The masses of a chain and the variances that they were made for.
///
/// The temperature ratios follow from the two, r_i = v_i dt^2 / (4 M_i T m1^2), always with the variance as measured:
/// floors enter masses only, so that no component gets less noise than it needs.
package struct ControlledMasses<Element: Scalar>: Sendable {
  /// 1/M_i.
  package var inverse: Tensor<Element>
  /// v_i, as measured at the last update.
  package var variances: Tensor<Element>
  /// Updates in a row that found the variances calm, counted from 1.
  package var streak: UInt64 = 1
  /// Updates in a row that found every component above the cap.
  var cappedInARow: UInt64 = 0

  /// What an update did.
  package struct Change {
    /// Whether the momentum of a component has to be drawn anew.
    package var redrawn: [Bool]
    var cappedShare = 0.0
    var flooredShare = 0.0
  }

  package init(count: Int) {
    inverse = Tensor(zeros: count)
    variances = Tensor(zeros: count)
  }

  /// r_i.
  package func ratio(_ index: Int, _ bookkeeping: NoiseBookkeeping) -> Double {
    bookkeeping.ratio(variance: Double(variances[index]), inverseMass: Double(inverse[index]))
  }

  /// Every mass anew, for the ratio wanted.
  package mutating func reset(
    to new: Tensor<Element>, ratio: Double, rule: GradientVariance, layout: ParameterLayout,
    bookkeeping: NoiseBookkeeping
  ) -> Change {
    update(
      to: new, ratio: ratio, cap: ratio, always: { _ in true }, rule: rule, layout: layout, bookkeeping: bookkeeping)
  }

  /// Masses are kept, but those above the cap and those told to be reset are made for the ratio.
  ///
  /// A component within rounding of the cap stays as it is.
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  package mutating func update(
    to new: Tensor<Element>, ratio: Double, cap: Double, always isReset: (Int) -> Bool = { _ in false },
    rule: GradientVariance, layout: ParameterLayout, bookkeeping: NoiseBookkeeping
  ) -> Change {
    var change = Change(redrawn: Array(repeating: false, count: new.count))
    var (capped, floored) = (0, 0)
    for (range, floor) in rule.floors(of: new, layout: layout) {
      for index in range {
        let variance = Double(new[index])
        let isCapped =
          bookkeeping.ratio(variance: variance, inverseMass: Double(inverse[index])) > cap * (1 + 1e-6)
        if variance <= floor { floored += 1 }
        if isCapped { capped += 1 }
        if isCapped || isReset(index) {
          inverse[index] = Element(1 / bookkeeping.mass(variance: max(variance, floor), ratio: ratio))
          change.redrawn[index] = true
        }
      }
    }
    variances = new
    change.cappedShare = Double(capped) / Double(new.count)
    change.flooredShare = Double(floored) / Double(new.count)
    return change
  }

  mutating func archive(in archive: inout some StateArchive) throws {
    try archive.field("masses.inverse", &inverse)
    try archive.field("masses.variances", &variances)
    try archive.field("masses.streak", &streak)
    try archive.field("masses.cappedInARow", &cappedInARow)
  }
}

extension GradientVariance {
  /// For each block, the smallest variance that a mass is made for.
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  fileprivate func floors<Element: Scalar>(of variances: Tensor<Element>, layout: ParameterLayout) -> [(
    range: Range<Int>, floor: Double
  )] {
    layout.blocks.filter { !$0.range.isEmpty }.map { block in
      guard relativeFloor > 0 else { return (block.range, absoluteFloor) }
      let sorted = block.range.map { variances[$0] }.sorted()
      return (block.range, max(absoluteFloor, relativeFloor * Double(sorted[sorted.count / 2])))
    }
  }
}

// MARK: Hot units

/// Finds units of a network that have become hot since the last update.
///
/// A unit is a row of a weight matrix with its bias. Between updates nothing holds a unit whose gradient noise grows: one
/// that was silent when its variance was measured heats up when it wakes. In equilibrium sum p^2/(M T) over n momenta
/// has mean n and variance 2n, so a unit above n (1 + 10 sqrt(2/n)) is not in equilibrium.
package struct UnitGuard: Sendable {
  /// The elements of each unit.
  package let units: [[Range<Int>]]

  package init(_ layout: ParameterLayout) {
    var units: [[Range<Int>]] = []
    for block in layout.blocks where !block.range.isEmpty {
      if block.shape.count < 2 {
        // A bias belongs to the units of the weight before it; other vectors are units of their own.
        if !block.name.hasSuffix(".bias") { units.append([block.range]) }
        continue
      }
      let rows = block.shape[0]
      let width = block.range.count / rows
      let bias = block.name.hasSuffix(".weight") ? layout[block.name.dropLast(7) + ".bias"]?.range : nil
      for row in 0..<rows {
        let start = block.range.lowerBound + row * width
        var unit = [start..<start + width]
        if let bias, bias.count == rows { unit.append(bias.lowerBound + row..<bias.lowerBound + row + 1) }
        units.append(unit)
      }
    }
    self.units = units
  }

  /// The numbers of the units that are too hot.
  package func hotUnits<Element>(
    momentum: Tensor<Element>, inverseMass: Tensor<Element>, temperature: Double
  ) -> [Int] {
    units.indices.filter { unit in
      let count = Double(units[unit].reduce(0) { $0 + $1.count })
      let sum = units[unit].reduce(0) { $0 + momentum.squaredNorm(weights: inverseMass, over: $1) }
      return sum > temperature * (count + 10 * (2 * count).squareRoot())
    }
  }
}
