import Langevin

/// The laws that need many steps: value, expected, standard error, and how many of those they are apart.
enum Laws {
  /// Tables by name; their rows are made with an effort, below 1 for shorter simulations.
  typealias Table = (name: String, rows: @Sendable (Double) throws -> [LawRow])

  /// Those of the samplers, then those of the theory.
  static let tables = samplers + LawsTheory.tables

  private static let samplers: [Table] = [
    ("tails of the normals", LawsNormals.tails),
    ("harmonic well at large steps", LawsSplitting.harmonic),
    ("quartic and double wells", LawsSplitting.nonlinear),
    ("adaptive thermostats under gradient noise", LawsThermostat.rows),
    ("KL of SGLD and SGWORLD, exact", { @Sendable _ in try LawsOverdamped.divergenceTable() }),
    ("SGWORLD against SGLD at equal cost", { @Sendable _ in try LawsOverdamped.advantage() }),
    ("orders of SGLD and SGWORLD, exact", { @Sendable _ in try LawsOverdamped.orders() }),
    ("leading orders of SGLD and SGWORLD", { @Sendable _ in try LawsOverdamped.leadingOrders() }),
    ("SGLD and SGWORLD on a logistic regression, exact", { @Sendable _ in try LawsOverdamped.logitQuadrature() }),
    ("SGLD and SGWORLD on a line by simulation", LawsOverdamped.simulation),
    ("SGLD and SGWORLD on a logistic regression by simulation", LawsOverdamped.logit),
    ("continuous tempering, double well", LawsTempering.doubleWell),
    ("continuous tempering, four Gaussians", LawsTempering.fourGaussians),
    ("continuous tempering, harmonic well", LawsTempering.harmonic),
    ("continuous tempering, noisy energies", LawsTempering.energyNoise),
    ("plain Langevin stays in its well", LawsTempering.plainLangevinStays),
    ("pseudo-Langevin against hybrid Monte Carlo", LawsPseudoLangevin.rows),
    ("accuracy on the two spirals", LawsSpirals.accuracy),
    ("microcanonical: bias by step size", LawsMicrocanonical.bias),
    ("microcanonical: bias in many dimensions", LawsMicrocanonical.manyDimensions),
    ("microcanonical: the adjusted law is exact", LawsMicrocanonical.exactness),
    ("microcanonical: what the warm-up finds", LawsMicrocanonical.tuners),
    ("microcanonical: effective samples per gradient", LawsEfficiency.goals),
    ("which sampler: five posteriors at defaults", LawsEfficiency.comparison),
  ]
}
