import Langevin

/// A run on the K-spin task beside the published values of hybrid Monte Carlo and pseudo-Langevin.
///
/// A. Zambon, F. Caruso, R. Zecchina, G. Tiana, arXiv:2603.15367, Fig. 3d, N = 11160. Which realisation of the data was
/// used there is not known, and cost and error differ between realisations by more than all statistical errors: the
/// Bayes cross-entropy scatters by 0.0058 and the Bayes error by 0.0021 (standard deviations over seeds). From the published
/// train errors at high temperature those of that realisation are about 0.32 and 0.1105. The part of a difference
/// that this explains is shown beside it.
struct PublishedComparison: Sendable {
  /// One observable.
  struct Row: Sendable {
    /// Its name.
    let name: String
    /// This run.
    let here: Estimate
    /// Published, by hybrid Monte Carlo and by pseudo-Langevin, with the fluctuation of single configurations.
    let hybridMonteCarlo, pseudoLangevin: (value: Double, fluctuation: Double)
    /// The part of the difference that the realisation of the data explains, and its uncertainty; nil where unknown.
    let explained: Estimate?

    /// This run less the published pseudo-Langevin value.
    var difference: Double { here.value - pseudoLangevin.value }
  }

  /// The temperature.
  let temperature: Double
  /// The observables.
  let rows: [Row]
  /// The best possible cross-entropy and error on this realisation.
  let limits: BayesLimits

  /// Mean and fluctuation of energy, cost, squared norm and error at each temperature.
  static let published: [(temperature: Double, hmc: [(Double, Double)], pl: [(Double, Double)])] = [
    (
      3e-5, [(0.48535, 0.00219), (0.32419, 0.00108), (357.53, 4.38), (0.10965, 0.00068)],
      [(0.48359, 0.00220), (0.32491, 0.00116), (352.02, 4.29), (0.10987, 0.00071)]
    ),
    (
      2e-5, [(0.42742, 0.00170), (0.30621, 0.00129), (268.90, 3.08), (0.10424, 0.00071)],
      [(0.42616, 0.00156), (0.30642, 0.00120), (265.64, 2.90), (0.10427, 0.00068)]
    ),
    (
      1e-5, [(0.33596, 0.00092), (0.23930, 0.00116), (214.42, 2.05), (0.08318, 0.00069)],
      [(0.33599, 0.00083), (0.24064, 0.00098), (211.52, 1.13), (0.08331, 0.00077)]
    ),
    (
      3e-6, [(0.27753, 0.00026), (0.17194, 0.00073), (234.25, 1.40), (0.05771, 0.00053)],
      [(0.28336, 0.00023), (0.17504, 0.00030), (240.30, 0.60), (0.05877, 0.00040)]
    ),
    (
      2e-6, [(0.27017, 0.00017), (0.15964, 0.00059), (245.21, 1.19), (0.05216, 0.00050)],
      [(0.27624, 0.00016), (0.16565, 0.00026), (245.34, 0.40), (0.05400, 0.00038)]
    ),
    (
      1e-6, [(0.26392, 0.00008), (0.15270, 0.00036), (246.73, 0.77), (0.04930, 0.00038)],
      [(0.26942, 0.00007), (0.15783, 0.00026), (247.56, 0.45), (0.05061, 0.00025)]
    ),
  ]

  /// The comparison, if the run has the published network, prior and one of the temperatures.
  init?(_ results: RunResults) throws {
    let summary = results.summary
    let run = try results.folders[0].readConfiguration()
    let network = run.network
    guard case .recipe(let recipe) = run.source, let set = recipe.set as? KSpin,
      set.classes == 10, set.spins == 100, set.flipProbability == 0.355, set.train == 55_800,
      network.network?.widths == [100, 50, 100, 10], network.activation == .relu, network.outputActivation == .relu,
      network.normalisation == .mean, network.biases, network.prior?.byName[""] == 9.015e-4,
      let temperature = summary.temperature,
      let row = Self.published.first(where: { $0.temperature == temperature })
    else { return nil }
    self.temperature = temperature
    limits = try set.bayesLimits()
    let explained = Self.explained(by: limits)
    rows = zip(Self.observables.enumerated(), zip(row.hmc, row.pl)).compactMap { name, values in
      summary[name.element].map {
        Row(
          name: name.element,
          here: Estimate(value: $0.summary.mean, standardError: $0.summary.standardError),
          hybridMonteCarlo: (values.0.0, values.0.1), pseudoLangevin: (values.1.0, values.1.1),
          explained: explained[name.offset])
      }
    }
  }

  /// The observables that were published, by their names in a trace.
  static let observables = ["energy", "cost", "norm2", "error"]

  /// How much higher each of them should be here because of the data; nil where that is not known.
  static func explained(by limits: BayesLimits) -> [Estimate?] {
    // The published limits are inferred, and known to the errors given here.
    let entropy = Estimate(value: limits.crossEntropy - 0.32, standardError: 0.003)
    let error = Estimate(value: limits.error - 0.1105, standardError: 0.0005)
    return [entropy, entropy, nil, error]
  }

  /// The table with what is to be said about it, for a terminal.
  var text: String {
    table.description + "\n" + """
      here: ± standard error of the mean; published: ± fluctuation of one configuration, on another realisation of the data
      explained: best possible cross-entropy \(Format.fixed(limits.crossEntropy, 4)) and error \
      \(Format.fixed(limits.error, 4)) on these data, about 0.32 and 0.1105 on those (inferred)
      """
  }

  /// The table.
  var table: TextTable {
    var table = TextTable([
      "T = \(temperature)", "here", "hMC published", "pL published", "here - pL", "explained", "rest",
    ])
    for row in rows {
      let digits = row.name == "norm2" ? 1 : 4
      func text(_ value: (value: Double, fluctuation: Double)) -> String {
        "\(Format.fixed(value.value, digits)) ± \(Format.fixed(value.fluctuation, digits))"
      }
      table.rows.append([
        row.name,
        "\(Format.value(row.here.value, error: row.here.standardError)) ± \(Format.error(row.here.standardError))",
        text(row.hybridMonteCarlo), text(row.pseudoLangevin), Format.fixed(row.difference, digits),
        row.explained.map { "\(Format.fixed($0.value, digits)) ± \(Format.fixed($0.standardError, digits))" } ?? "-",
        Format.fixed(row.difference - (row.explained?.value ?? 0), digits),
      ])
    }
    return table
  }
}
