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
    of state: PseudoLangevin<Element>.State, worst: Double?
  ) -> [(name: String, value: Double)] {
    var details = [
      ("floored", floored), ("capped", capped), ("unconverged", unconverged),
      ("calm_updates", Double(state.masses.streak)),
      ("hot_units", Double(hotUnits)),
    ]
    if let worst { details.append(("worst_temperature_ratio", worst)) }
    for layer in 0..<shares.count / 2 {
      details.append(("minibatch_share.\(layer + 1)", shares[2 * layer]))
      details.append(("largest_share.\(layer + 1)", shares[2 * layer + 1]))
    }
    return details.map { (name: $0.0, value: $0.1) }
  }
}

// MARK: Columns

extension PseudoLangevin {
  /// Takes up what an update found.
  func report(
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
}

// MARK: Sentences

extension PseudoLangevin {
  /// What a user should know of the last measurement, made at `step`.
  func warnings(about state: State, at step: UInt64) -> [String] {
    var warnings: [String] = []
    func warn(_ text: String) { warnings.append("step \(step): " + text) }
    let report = state.report
    if report.unconverged > 0 {
      warn(
        "after \(report.draws) minibatches \(percent(report.unconverged)) of the variances had not settled to "
          + "\(percent(settings.variance.tolerance)); raise the most draws, or choose exact variances")
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
          + (settings.correctsDirections ? "" : ", or correct the noise along its leading directions"))
    }
    return warnings
  }

  func warnings(about hotUnits: [Int], _ state: State, _ layout: ParameterLayout) -> [String] {
    guard let unit = hotUnits.first, let place = state.units?.units[unit].first?.lowerBound else { return [] }
    return [
      "step \(state.step): \(hotUnits.count) units are too hot, the first in \(layout.blockName(at: place)); their masses "
        + "were made anew. If it happens again, start from a trained network or use a smaller ratio"
    ]
  }

  /// A divergence, with what is known about the noise at that moment.
  func explain(_ error: SamplingError, _ state: State) -> SamplingError {
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
private func rounded(_ value: Double) -> String { "\((value * 1000).rounded() / 1000)" }
