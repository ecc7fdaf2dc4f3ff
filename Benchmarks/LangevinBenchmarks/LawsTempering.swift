import Langevin

/// Continuous tempering against tables T2 and T3: the learned bias, and the cold law of targets that a plain chain cannot cross.
///
/// `effort` scales the lengths: at 1 they are those of the table, 4 chains of 2e6 adapting and 6e6 frozen steps. The
/// standard errors are those of the spread over the chains.
enum LawsTempering {
  typealias Method = ContinuousTempering<Double>

  static let chains = 4
  static let adaptations: [(name: String, rule: BiasAdaptation)] = [
    ("stochastic approximation", .stochasticApproximation()), ("well-tempered", .wellTempered()),
    ("adaptive force", .adaptiveForce()),
  ]

  /// Double well 16 (x^2 - 1)^2 + x/2 from x = 1.
  static func doubleWell(effort: Double = 1) throws -> [LawRow] {
    let well = try DoubleWellPotential<Double>(height: 16, tilt: 0.5)
    var rows: [LawRow] = []
    for form in Method.Form.allCases {
      for (name, rule) in adaptations {
        let exact = form == .noise ? 2.94951 : 1.45165
        let range: Double = if case .wellTempered(_, let depth) = rule { exact * depth / (depth + 1) } else { exact }
        let title = "double well, \(form) form, \(name)"
        let runs = try run(
          well, from: [1], form: form, rule, stepSize: 0.02, adapting: 2e6 * effort, frozen: 6e6 * effort
        ) { $0[0] < 0 ? [1, $0[0] * $0[0]] : [0, $0[0] * $0[0]] }
        rows.append(row("\(title): V(L) - V(0)", runs.map(\.biasRange), range))
        rows.append(row("\(title): cold P(x < 0)", runs.map { $0.means[0] }, 0.7285934127))
        rows.append(row("\(title): cold <x^2>", runs.map { $0.means[1] }, 0.9872073640))
        rows.append(row("\(title): lowest of alpha histogram", runs.map { $0.report.histogram.min() ?? 0 }, 1))
        rows.append(row("\(title): highest of alpha histogram", runs.map { $0.report.histogram.max() ?? 0 }, 1))
        rows.append(
          row("\(title): round trips", runs.map { Double($0.report.roundTrips) }, form == .noise ? 6830 : 10500))
        rows.append(row("\(title): cold kinetic temperature", runs.map(\.report.coldKineticTemperature), 1))
      }
    }
    return rows
  }

  /// Four Gaussians in the plane from the corner (3, 3).
  static func fourGaussians(effort: Double = 1) throws -> [LawRow] {
    let weights = [0.1, 0.2, 0.3, 0.4]
    let mixture = try MixturePotential<Double>(
      weights: weights, centers: [[-3, -3], [3, -3], [-3, 3], [3, 3]], deviation: 0.5)
    var rows: [LawRow] = []
    for form in Method.Form.allCases {
      for (name, rule) in adaptations where name != "well-tempered" {
        let title = "four Gaussians, \(form) form, \(name)"
        let runs = try run(
          mixture, from: [3, 3], form: form, rule, stepSize: 0.05, adapting: 2e6 * effort, frozen: 6e6 * effort
        ) { x in (0..<4).map { $0 == (x[0] > 0 ? 1 : 0) + (x[1] > 0 ? 2 : 0) ? 1 : 0 } }
        rows.append(row("\(title): V(L) - V(0)", runs.map(\.biasRange), form == .noise ? 7.11472 : 4.11898))
        for mode in 0..<4 {
          rows.append(row("\(title): weight \(mode + 1)", runs.map { $0.means[mode] }, weights[mode]))
        }
      }
    }
    return rows
  }

  /// x^2/2 in one dimension, whose bias is known at every node.
  static func harmonic(effort: Double = 1) throws -> [LawRow] {
    let well = try HarmonicPotential<Double>(stiffness: [1])
    var rows: [LawRow] = []
    for form in Method.Form.allCases {
      for (name, rule) in adaptations {
        let exact = form == .noise ? 2.995732 : 1.497866
        let range: Double = if case .wellTempered(_, let depth) = rule { exact * depth / (depth + 1) } else { exact }
        let runs = try run(
          well, from: [0], form: form, rule, stepSize: 0.1, temperingMass: 25, adapting: 2e6 * effort,
          frozen: 2e6 * effort
        ) { [$0[0] * $0[0]] }
        rows.append(row("harmonic, \(form) form, \(name): V(L) - V(0)", runs.map(\.biasRange), range))
        rows.append(row("harmonic, \(form) form, \(name): cold <x^2>", runs.map { $0.means[0] }, 1))
      }
    }
    return rows
  }

  /// Noise of variance v on the energy of each step: alpha is heated on the ramp once h v max s'^2 / (gamma m) is near 1.
  static func energyNoise(effort: Double = 1) throws -> [LawRow] {
    let rowsOfTable: [(v: Double, friction: Double, heat: Double, cold: Double, probability: Double)] = [
      (4, 1, 1.015, 1.012, 0.7286), (100, 1, 1.34, 1.15, 0.676), (100, 5, 1.09, 1.03, 0.709),
    ]
    var rows: [LawRow] = []
    for (v, friction, heat, cold, probability) in rowsOfTable {
      let title = "energy noise \(v), friction of alpha \(friction)"
      let well = NoisyEnergy(base: try DoubleWellPotential<Double>(height: 16, tilt: 0.5), deviation: v.squareRoot())
      let runs = try run(
        well, from: [1], form: .noise, .adaptiveForce(), stepSize: 0.02, temperingFriction: friction,
        adapting: 2e6 * effort, frozen: 6e6 * effort
      ) { [$0[0] < 0 ? 1 : 0] }
      rows.append(
        row(
          "\(title): <r_alpha^2>/m_alpha",
          runs.map { mean($0.report.temperingTemperature, weights: $0.report.histogram) }, heat))
      rows.append(row("\(title): cold <r^2>", runs.map(\.report.coldKineticTemperature), cold))
      rows.append(row("\(title): cold P(x < 0)", runs.map { $0.means[0] }, probability))
    }
    return rows
  }

  /// Plain Langevin dynamics from the same starts never leaves its well.
  static func plainLangevinStays(effort: Double = 1) throws -> [LawRow] {
    func crossings(_ potential: some Potential<Double>, from start: [Double], stepSize: Double) throws -> Double {
      let method = try Langevin<Double>(stepSize: .constant(stepSize), temperature: 1, friction: 1)
      var evaluator = try Evaluator(potential, seed: 17)
      var state = try method.start(at: Tensor(start), with: &evaluator)
      var crossings = 0.0
      for _ in 0..<Int(1e7 * effort) {
        let before = state.position[0] > 0
        _ = try method.step(&state, with: &evaluator)
        if before != (state.position[0] > 0) { crossings += 1 }
      }
      return crossings
    }
    let well = try DoubleWellPotential<Double>(height: 16, tilt: 0.5)
    let mixture = try MixturePotential<Double>(
      weights: [0.1, 0.2, 0.3, 0.4], centers: [[-3, -3], [3, -3], [-3, 3], [3, 3]], deviation: 0.5)
    return [
      LawRow(
        name: "plain Langevin, double well: crossings", value: try crossings(well, from: [1], stepSize: 0.02),
        expected: 0,
        standardError: 0),
      LawRow(
        name: "plain Langevin, four Gaussians: crossings", value: try crossings(mixture, from: [3, 3], stepSize: 0.05),
        expected: 0, standardError: 0),
    ]
  }
}

// MARK: Runs

extension LawsTempering {
  private struct Run {
    var report: TemperingReport
    /// Means of the observables over the draws.
    var means: [Double]
    var biasRange: Double { (report.bias.last ?? 0) - (report.bias.first ?? 0) }
  }

  private static func run(
    _ potential: some Potential<Double>, from start: [Double], form: Method.Form, _ rule: BiasAdaptation,
    stepSize: Double, temperingMass: Double = 1, temperingFriction: Double = 1, adapting: Double, frozen: Double,
    _ observables: (Tensor<Double>) -> [Double]
  ) throws -> [Run] {
    let method = try Method(
      stepSize: stepSize, temperature: 1, form: form, coupling: TemperingCoupling(hottest: 0.05),
      temperingFriction: temperingFriction, temperingMass: temperingMass, adaptation: rule,
      adaptingSteps: UInt64(adapting), referenceEnergy: .fixed(0))
    return try (0..<chains).map { chain in
      var evaluator = try Evaluator(potential, seed: 2026, chain: chain)
      var state = try method.start(at: Tensor(start), with: &evaluator)
      var sums: [Double] = observables(state.position).map { _ in 0 }
      var draws = 0.0
      for _ in 0..<Int(adapting + frozen) where try method.step(&state, with: &evaluator).isDraw {
        draws += 1
        for (index, value) in observables(state.position).enumerated() { sums[index] += value }
      }
      return Run(report: method.report(on: state), means: sums.map { $0 / draws })
    }
  }

  private static func row(_ name: String, _ values: [Double], _ expected: Double) -> LawRow {
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    let square = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return LawRow(
      name: name, value: mean, expected: expected, standardError: (square / (count * (count - 1))).squareRoot())
  }

  private static func mean(_ values: [Double], weights: [Double]) -> Double {
    let pairs = zip(values, weights).filter { $0.1 > 0 }
    return pairs.reduce(0) { $0 + $1.0 * $1.1 } / pairs.reduce(0) { $0 + $1.1 }
  }
}

/// A potential whose energy, but not its gradient, is read with independent noise.
struct NoisyEnergy<Base: Potential>: Potential where Base.Element == Double {
  let base: Base
  let deviation: Double

  struct Workspace {
    var base: Base.Workspace
    var evaluations: UInt64 = 0
    let random = RandomStream(seed: 4711, purpose: .user)
  }

  var layout: ParameterLayout { base.layout }
  var exampleCount: Int { base.exampleCount }
  func makeWorkspace(pool: ThreadPool) -> Workspace { Workspace(base: base.makeWorkspace(pool: pool)) }

  func evaluate(
    at position: Tensor<Double>, over batch: Minibatch, gradient: inout Tensor<Double>, workspace: inout Workspace
  ) throws(LangevinError) -> Energy {
    var energy = try base.evaluate(at: position, over: batch, gradient: &gradient, workspace: &workspace.base)
    energy.cost += deviation * workspace.random.normal(step: workspace.evaluations)
    workspace.evaluations += 1
    return energy
  }
}
