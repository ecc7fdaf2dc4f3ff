import LangevinCore
import LangevinSamplers
import _LangevinTestSupport

/// U = w'Hw/2 whose gradient carries, at each evaluation, the next vector of a list that the test fills; and a variance
/// of the minibatch gradient that the test sets.
struct ScriptedPotential: Potential {
  /// Shared by the chain and the test, which run in turn.
  final class Script: @unchecked Sendable {
    var noises: [[Double]] = []
    var variances: [Double]
    init(variances: [Double]) { self.variances = variances }
  }

  let hessian: [[Double]]
  let script: Script
  let layout: ParameterLayout
  /// Enough for a batch of any scheme.
  let exampleCount = 4

  init(hessian: [[Double]], variances: [Double], layout: ParameterLayout? = nil) throws {
    self.hessian = hessian
    script = Script(variances: variances)
    self.layout = if let layout { layout } else { try ParameterLayout(count: hessian.count) }
  }

  func evaluate(
    at position: Tensor<Double>, over batch: Minibatch, gradient: inout Tensor<Double>, workspace: inout Void
  ) throws(LangevinError) -> Energy {
    let noise = script.noises.isEmpty ? [] : script.noises.removeFirst()
    var energy = 0.0
    for (i, row) in hessian.enumerated() {
      let force = row.indices.reduce(0.0) { $0 + row[$1] * position[$1] }
      energy += force * position[i] / 2
      gradient[i] = force + (noise.isEmpty ? 0 : noise[i])
    }
    return Energy(cost: energy)
  }

  func minibatchVariance(
    at position: Tensor<Double>, of scheme: BatchScheme, workspace: inout Void
  ) throws(LangevinError) -> Tensor<Double>? { Tensor(script.variances) }
}

/// U = w'Hw/2 with 2N examples whose gradients scatter with the covariance L L' exactly: sqrt(N) times plus and minus
/// each column of L.
struct NoisyHarmonicPotential: Potential {
  let hessian: [[Double]]
  let columns: [[Double]]
  let layout: ParameterLayout
  var exampleCount: Int { 2 * columns.count }

  init(hessian: [[Double]], noiseFactor: [[Double]]) throws {
    self.hessian = hessian
    columns = noiseFactor.indices.map { column in noiseFactor.map { $0[column] } }
    layout = try ParameterLayout(count: hessian.count)
  }

  func evaluate(
    at position: Tensor<Double>, over batch: Minibatch, gradient: inout Tensor<Double>, workspace: inout Void
  ) throws(LangevinError) -> Energy {
    var energy = 0.0
    for (i, row) in hessian.enumerated() {
      let force = row.indices.reduce(0.0) { $0 + row[$1] * position[$1] }
      energy += force * position[i] / 2
      gradient[i] = force
    }
    let rows = batch.rows ?? []
    for row in rows {
      let scale = (row % 2 == 0 ? 1 : -1) * Double(columns.count).squareRoot() / Double(rows.count)
      for i in hessian.indices { gradient[i] += scale * columns[Int(row) / 2][i] }
    }
    return Energy(cost: energy)
  }
}

/// A fixed example: C_ij = s_i s_j 0.95^|i-j|, s_i = 0.5 + (i mod 5)/4, H = C + 0.01, T = 1e-3.
enum Toy {
  static let count = 40
  static let temperature = 1e-3
  static let deviations = (0..<count).map { 0.5 + Double($0 % 5) / 4 }
  static let correlation = (0..<count).map { i in
    (0..<count).map { j in (0..<(i - j).magnitude).reduce(1.0) { power, _ in 0.95 * power } }
  }
  static let covariance = (0..<count).map { i in
    (0..<count).map { deviations[i] * deviations[$0] * correlation[i][$0] }
  }
  static let hessian = (0..<count).map { i in (0..<count).map { covariance[i][$0] + (i == $0 ? 0.01 : 0) } }
  static let variances = deviations.map { $0 * $0 }
}

/// A step of a sampler on a quadratic potential as what it is: x' = F x + noise, x = (w, p).
///
/// F and the gains are measured column by column by steps of the sampler itself.
struct LinearMap {
  var drift: SquareMatrix
  /// The covariance of the noise.
  var noise: SquareMatrix

  /// `step` maps (x, normals, gradient noises) to x; `covariance` is that of one gradient noise.
  init(
    count: Int, normals: Int, gradientNoises: Int, covariance: [[Double]],
    step: ([Double], [Double], [[Double]]) throws -> [Double]
  ) rethrows {
    let quiet = Array(repeating: 0.0, count: normals)
    let calm = Array(repeating: Array(repeating: 0.0, count: count), count: gradientNoises)
    func unit(_ index: Int, _ length: Int) -> [Double] { (0..<length).map { $0 == index ? 1 : 0 } }

    let size = 2 * count
    let columns = try (0..<size).map { try step(unit($0, size), quiet, calm) }
    drift = SquareMatrix((0..<size).map { row in columns.map { $0[row] } })

    noise = .zeros(size)
    for index in 0..<normals {
      let gain = try step(unit(size, size), unit(index, normals), calm)
      for i in 0..<size { for j in 0..<size { noise[i, j] += gain[i] * gain[j] } }
    }
    for call in 0..<gradientNoises {
      let gains = try (0..<count).map { index in
        var noises = calm
        noises[call] = unit(index, count)
        return try step(unit(size, size), quiet, noises)
      }
      // G C G'
      let weighted = (0..<count).map { j in
        (0..<size).map { row in (0..<count).reduce(0) { $0 + gains[$1][row] * covariance[$1][j] } }
      }
      for i in 0..<size {
        for j in 0..<size { noise[i, j] += (0..<count).reduce(0) { $0 + weighted[$1][i] * gains[$1][j] } }
      }
    }
  }

  /// S = F S F' + Q, by doubling.
  func stationaryCovariance(doublings: Int = 28) -> SquareMatrix {
    var (sum, power) = (noise, drift)
    for _ in 0..<doublings {
      sum = sum.adding(power * sum, times: power.transposed)
      power = power * power
    }
    return sum
  }

  /// The covariance after this step.
  func advance(_ covariance: SquareMatrix) -> SquareMatrix { noise.adding(drift * covariance, times: drift.transposed) }
}

/// A pseudo-Langevin chain on a scripted potential, put at any place of its segment.
func scriptedChain(
  _ sampler: PseudoLangevin<Double>, _ potential: ScriptedPotential
) throws -> (state: PseudoLangevin<Double>.State, evaluator: Evaluator<ScriptedPotential>) {
  var evaluator = try Evaluator(potential, batches: .withReplacement(1), seed: 1)
  let state = try sampler.start(at: Tensor(Array(repeating: 0, count: potential.hessian.count)), with: &evaluator)
  return (state, evaluator)
}

/// The linear map of the step of a chain that stands at `place`.
func linearMap(
  of sampler: PseudoLangevin<Double>, on potential: ScriptedPotential, place: UInt64, covariance: [[Double]],
  prepare: (inout PseudoLangevin<Double>.State) -> Void = { _ in }
) throws -> LinearMap {
  let (start, evaluator) = try scriptedChain(sampler, potential)
  let count = start.position.count
  let isLast = place + 1 == Int(start.segment)
  return try LinearMap(
    count: count, normals: isLast ? 2 * count : count, gradientNoises: isLast ? 2 : 1, covariance: covariance
  ) { x, normals, noises in
    var (state, evaluator) = (start, evaluator)
    state.position = Tensor(x[..<count])
    state.momentum = Tensor(x[count...])
    state.place = place
    prepare(&state)
    evaluator.noise = .list(normals)
    potential.script.noises = noises
    _ = try sampler.step(&state, with: &evaluator)
    return state.position.elements + state.momentum.elements
  }
}
