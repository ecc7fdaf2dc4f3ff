import LangevinCore

/// How well a tempered chain has worked, as far as the chain itself can tell.
public struct TemperingReport: Sendable {
  /// V at the nodes, less s U_ref/T: comparable between runs, and with the exact bias.
  package var bias: [Double]
  /// The largest change of V, constants aside, in the second half of the adaptation; nil before it has come so far.
  package var biasChange: Double?
  /// The share of steps with a frozen bias in each interval of |alpha|, over that of a flat histogram.
  package var histogram: [Double]
  /// <r_alpha^2>/m_alpha by interval: 1, or the energy noise heats alpha. NaN where alpha has not been.
  package var temperingTemperature: [Double]
  /// The mean of U by interval. It must not fall from cold to hot.
  package var meanEnergy: [Double]
  /// The share of cold steps.
  package var coldShare: Double
  /// <r^2>/(m T) over cold steps with a frozen bias: 1.
  package var coldKineticTemperature: Double
  /// Trips from cold to hot and back.
  package var roundTrips: Int
  /// Their mean length in steps.
  package var meanRoundTrip: Double
  /// The number of steps.
  package var steps: Int

  /// What deserves a second look.
  package var flags: [String] {
    var flags: [String] = []
    if let low = histogram.min(), let high = histogram.max(), histogram.contains(where: { $0 > 0 }),
      low < 0.5 || high > 2
    {
      flags.append("alpha is not evenly spread: its histogram runs from \(low) to \(high) of flat")
    }
    if roundTrips < 10 { flags.append("only \(roundTrips) round trips from cold to hot and back") }
    if let hot = temperingTemperature.filter(\.isFinite).max(), hot > 1.05 {
      flags.append("alpha is heated to \(hot), and the cold law with it: a larger batch, friction or mass of alpha")
    }
    if let biasChange, biasChange > 1 { flags.append("the bias still changed by \(biasChange) when it was frozen") }
    let energies = meanEnergy.filter(\.isFinite)
    if let first = energies.first, let last = energies.last, last < first {
      flags.append("the mean energy falls with temperature, from \(first) to \(last)")
    }
    return flags
  }
}

extension ContinuousTempering {
  /// The diagnostics of a chain so far.
  public func report(on state: State) -> TemperingReport {
    let tally = state.tally
    let total = tally.visits.reduce(0, +)
    func mean(_ sums: [Double], over scale: Double = 1) -> [Double] {
      zip(sums, tally.visits).map { $1 > 0 ? $0 / ($1 * scale) : .nan }
    }
    let values = state.biasValues
    let bias = values.indices.map { index in
      let s = coupling.factor(at: state.bias.position(ofNode: index))
      return values[index] - s * state.reference.value / temperature
    }
    var change: Double?
    if settings.adaptation != .none, state.adaptingSteps > 0, state.step >= state.adaptingSteps {
      let gaps = zip(values, tally.midwayBias).map { $0 - $1 }
      change = (gaps.max() ?? 0) - (gaps.min() ?? 0)
    }
    return TemperingReport(
      bias: bias, biasChange: change,
      histogram: tally.visits.map { total > 0 ? $0 / total * Double(settings.intervals) : 0 },
      temperingTemperature: mean(tally.temperingKinetic, over: temperingMass), meanEnergy: mean(tally.energies),
      coldShare: tally.steps > 0 ? Double(tally.coldSteps) / Double(tally.steps) : 0,
      coldKineticTemperature: tally.coldKinetic
        / (Double(tally.coldKineticCount) * Double(state.position.count) * temperature),
      roundTrips: Int(tally.roundTrips),
      meanRoundTrip: tally.roundTrips > 0 ? Double(tally.roundTripSteps) / Double(tally.roundTrips) : .nan,
      steps: Int(tally.steps))
  }
}

extension TemperingReport: CustomStringConvertible {
  /// A few lines, the flags last.
  public var description: String {
    let spread = "\(histogram.min() ?? 0) to \(histogram.max() ?? 0)"
    let lines = [
      "CTLD (reconstruction), \(steps) steps", "round trips: \(roundTrips), \(meanRoundTrip) steps each",
      "cold share: \(coldShare), cold kinetic temperature: \(coldKineticTemperature)",
      "alpha histogram over flat: \(spread)",
      "bias from cold to hot: \((bias.last ?? 0) - (bias.first ?? 0)), change when frozen: \(biasChange ?? .nan)",
    ]
    return (lines + flags.map { "! " + $0 }).joined(separator: "\n")
  }
}
