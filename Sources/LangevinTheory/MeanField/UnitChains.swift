import LangevinCore
import LangevinPlatform

/// The chains of ``MeanFieldRegression``, with their memory: B units side by side, so that all of them pass through the
/// training set in one matrix product.
package struct UnitChains {
  /// Weights of all units, with the energy and its gradient there.
  private final class Point {
    /// B x d
    var weights: [Double]
    var gradient: [Double]
    var energy: [Double]
    /// J and D of each unit.
    var overlap: [Double]
    var precision: [Double]

    init(units: Int, inputs: Int) {
      weights = Array(repeating: 0, count: units * inputs)
      gradient = weights
      energy = Array(repeating: 0, count: units)
      overlap = energy
      precision = energy
    }
  }

  private let theory: MeanFieldRegression
  private let model: MeanFieldModel
  private let data: MeanFieldData
  private let random: RandomStream
  private let kernels = Double.kernels
  /// B, P, d
  private let units: Int
  private let points: Int
  private let inputs: Int

  private let here: Point
  private let trial: Point
  /// P x B: sums, values, whatever they are multiplied with in D's gradient, and derivatives with respect to the sums.
  private var sums: [Double]
  private var values: [Double]
  private var screened: [Double]
  private var deltas: [Double]
  private let ones: [Double]

  /// tau
  private var variances: [Double]
  /// K, (K + kappa^2 P)^-1 where the theory is screened, and h.
  private var kernel: DenseMatrix
  private var inverse: DenseMatrix?
  private var field: [Double]

  private var stepSize = 0.3
  private var step: UInt64 = 0

  package init(_ theory: MeanFieldRegression, _ data: MeanFieldData, _ start: MeanFieldRegression.Start, _ seed: UInt64)
  {
    self.theory = theory
    self.data = data
    model = theory.model
    random = RandomStream(seed: seed, purpose: .user)
    units = theory.chains
    points = data.targets.count
    inputs = model.inputs
    here = Point(units: units, inputs: inputs)
    sums = Array(repeating: 0, count: points * units)
    values = sums
    deltas = sums
    screened = theory.mode == .screened ? sums : []
    ones = Array(repeating: 1, count: points)
    variances = Array(repeating: model.weightVariance, count: inputs)
    kernel = DenseMatrix(zeros: points, points)
    field = data.targets

    kernels.normals(random.substream(1).noiseKey(step: 0), 0, units * inputs, &here.weights)
    let scale = model.weightVariance.squareRoot()
    for index in here.weights.indices { here.weights[index] *= scale }
    if case .aligned(let relevant) = start {
      let size = (model.inputVariance / Double(relevant.count)).squareRoot()
      for unit in 0..<units {
        for j in relevant { here.weights[unit * inputs + j] = here.weights[unit * inputs + j] < 0 ? -size : size }
      }
    }
    trial = Point(units: units, inputs: inputs)
    evaluate(here)
  }

  private var noise: Double { model.noise * model.noise }
  private var ridge: Double { noise * Double(points) }
}

// MARK: The law of a unit

extension UnitChains {
  /// J, D, U and its gradient for all units.
  private mutating func evaluate(_ point: Point) {
    let (p, b, d) = (points, units, inputs)
    let activation = theory.activation
    multiply(data.inputs.elements, point.weights, isTransposed: (false, true), p, b, d, into: &sums)
    kernels.activate(activation, sums, into: &values, count: p * b)
    multiply(values, field, isTransposed: (true, false), b, 1, p, factor: 1 / Double(p), into: &point.overlap)

    if let inverse {
      multiply(inverse.elements, values, p, b, p, into: &screened)
      sumOfProducts(into: &point.precision)
    } else {
      kernels.square(values, into: &deltas, count: p * b)
      multiply(deltas, ones, isTransposed: (true, false), b, 1, p, factor: 1 / Double(p), into: &point.precision)
    }

    // dU/dphi = force phi - pull h, with phi replaced by (K + kappa^2 P)^-1 phi where it is screened.
    var (force, pull) = (point.energy, point.energy)
    let factor = inverse == nil ? 1 / Double(p) : noise
    for unit in 0..<b {
      let j = point.overlap[unit]
      let precision = model.priorPrecision + point.precision[unit]
      point.precision[unit] = precision
      point.energy[unit] = log(precision) / 2 - j * j / (2 * noise * precision)
      force[unit] = factor * (1 / precision + j * j / (noise * precision * precision))
      pull[unit] = j / (noise * precision * Double(p))
    }
    combine(force, pull)
    let saved = activation.needsInput ? sums : values
    kernels.activationBackward(activation, saved: saved, delta: &deltas, count: p * b)
    multiply(deltas, data.inputs.elements, isTransposed: (true, false), b, d, p, into: &point.gradient)
    addPrior(point)
  }

  /// c = factor a b of matrices without gaps, c of so many rows and columns.
  private func multiply(
    _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, isTransposed: (a: Bool, b: Bool) = (false, false),
    _ rows: Int, _ columns: Int, _ depth: Int, factor: Double = 1, into c: UnsafeMutablePointer<Double>
  ) {
    kernels.multiply(
      .init(a, stride: isTransposed.a ? rows : depth, isTransposed: isTransposed.a),
      .init(b, stride: isTransposed.b ? depth : columns, isTransposed: isTransposed.b),
      rows: rows, columns: columns, depth: depth, factor: factor, into: c, stride: columns)
  }

  /// U and its gradient for other weights of all units, in the field that the units as they are make.
  package mutating func energies(at weights: [Double]) throws -> (energies: [Double], gradients: [Double]) {
    try updateField(weight: 1)
    trial.weights = weights
    evaluate(trial)
    return (trial.energy, trial.gradient)
  }

  /// kappa^2 sum_p phi_p (M^-1 phi)_p for each unit.
  private func sumOfProducts(into result: inout [Double]) {
    for unit in 0..<units { result[unit] = 0 }
    values.withUnsafeBufferPointer { values in
      screened.withUnsafeBufferPointer { screened in
        result.withUnsafeMutableBufferPointer { result in
          for start in stride(from: 0, to: points * units, by: units) {
            for unit in 0..<units { result[unit] += noise * values[start + unit] * screened[start + unit] }
          }
        }
      }
    }
  }

  private mutating func combine(_ force: [Double], _ pull: [Double]) {
    let source = inverse == nil ? values : screened
    let units = units
    source.withUnsafeBufferPointer { source in
      force.withUnsafeBufferPointer { force in
        pull.withUnsafeBufferPointer { pull in
          field.withUnsafeBufferPointer { field in
            deltas.withUnsafeMutableBufferPointer { deltas in
              for point in field.indices {
                let (start, h) = (point * units, field[point])
                for unit in 0..<units { deltas[start + unit] = force[unit] * source[start + unit] - pull[unit] * h }
              }
            }
          }
        }
      }
    }
  }

  private func addPrior(_ point: Point) {
    for unit in 0..<units {
      var energy = 0.0
      for j in 0..<inputs {
        let w = point.weights[unit * inputs + j]
        point.gradient[unit * inputs + j] += w / variances[j]
        energy += w * w / (2 * variances[j])
      }
      point.energy[unit] += energy
    }
  }

  /// One Metropolis-adjusted Langevin step of every unit; returns the share of accepted ones.
  ///
  ///     w' = w - e tau dU + sqrt(2 e tau) xi,     ln e = ln stepSize + 0.6 eta, anew for each unit and step
  private mutating func move() throws(LangevinError) -> Double {
    var (normals, widths, uniforms) = (trial.weights, trial.energy, trial.energy)
    kernels.normals(random.noiseKey(step: step, lane: 0), 0, units * inputs, &normals)
    kernels.normals(random.noiseKey(step: step, lane: 1), 0, units, &widths)
    kernels.uniforms(random.noiseKey(step: step, lane: 2), 0, units, &uniforms)
    step += 1
    for unit in 0..<units {
      widths[unit] = stepSize * exp(0.6 * widths[unit])
      for j in 0..<inputs {
        let (index, e) = (unit * inputs + j, widths[unit] * variances[j])
        trial.weights[index] =
          here.weights[index] - e * here.gradient[index] + (2 * e).squareRoot() * normals[index]
      }
    }
    evaluate(trial)
    var accepted = 0
    for unit in 0..<units {
      guard trial.energy[unit].isFinite else {
        throw .nonFinite("the energy of a unit", in: "chain \(unit), step \(step)", hint: "the data may be too large")
      }
      // The way there used the normals; the way back would need others.
      var logRatio = here.energy[unit] - trial.energy[unit]
      for j in 0..<inputs {
        let (index, e) = (unit * inputs + j, widths[unit] * variances[j])
        let back = here.weights[index] - trial.weights[index] + e * trial.gradient[index]
        logRatio += normals[index] * normals[index] / 2 - back * back / (4 * e)
      }
      guard log(uniforms[unit]) < logRatio else { continue }
      accepted += 1
      let range = unit * inputs..<(unit + 1) * inputs
      for index in range {
        here.weights[index] = trial.weights[index]
        here.gradient[index] = trial.gradient[index]
      }
      here.energy[unit] = trial.energy[unit]
      here.overlap[unit] = trial.overlap[unit]
      here.precision[unit] = trial.precision[unit]
    }
    return Double(accepted) / Double(units)
  }
}

// MARK: Self-consistency

extension UnitChains {
  /// v_b
  private func strength(_ unit: Int) -> Double {
    theory.mode == .plain
      ? noise * Double(model.width) / here.precision[unit]
      : model.outputVariance * pow(Double(model.width), 1 - 2 * model.outputExponent)
  }

  mutating func solve() throws -> MeanFieldRegression.Solution {
    let outer = theory.outerSteps
    var predictions = [Double](repeating: 0, count: data.testInputs.rows)
    var squares = [Double](repeating: 0, count: inputs)
    var overlaps: [Double] = []
    var (acceptance, averaged) = (0.0, 0.0)
    for round in 0..<outer {
      try updateField(weight: 5 / (Double(round) + 5))
      var accepted = 0.0
      for _ in 0..<theory.innerSteps { accepted += try moveAndAdapt(adapts: round < outer / 2) }
      let fit = zip(data.targets, field).reduce(0) { $0 + $1.0 * ($1.0 - $1.1) } / Double(points)
      overlaps.append(fit)
      guard round >= outer / 2 else { continue }
      averaged += 1
      acceptance += accepted / Double(theory.innerSteps)
      addPredictions(to: &predictions)
      for (j, square) in meanSquares.enumerated() { squares[j] += square }
    }
    let last = overlaps.suffix(outer / 3)
    func mean(_ part: some Collection<Double>) -> Double { part.reduce(0, +) / Double(part.count) }
    return MeanFieldRegression.Solution(
      predictions: predictions.map { $0 / averaged }, trainingOverlap: mean(overlaps.suffix(outer - outer / 2)),
      weightSquares: squares.map { $0 / averaged }, variances: variances, acceptance: acceptance / averaged,
      drift: abs(mean(last.prefix(last.count / 2)) - mean(last.suffix(last.count / 2))))
  }

  private mutating func moveAndAdapt(adapts: Bool) throws(LangevinError) -> Double {
    let accepted = try move()
    if adapts { stepSize *= exp(0.3 * (accepted - 0.6)) }
    return accepted
  }

  /// E[w_j^2] over the units as they are.
  private var meanSquares: [Double] {
    var sums = [Double](repeating: 0, count: inputs)
    for unit in 0..<units {
      for j in 0..<inputs {
        let w = here.weights[unit * inputs + j]
        sums[j] += w * w / Double(units)
      }
    }
    return sums
  }

  /// K <- (1 - g) K + g K_new, and what follows from it: h, and the units' energies in the new field.
  private mutating func updateField(weight g: Double) throws {
    let (p, b, kernels) = (points, units, kernels)
    multiply(data.inputs.elements, here.weights, isTransposed: (false, true), p, b, inputs, into: &sums)
    kernels.activate(theory.activation, sums, into: &values, count: p * b)
    var weighted = values
    let strengths = (0..<b).map { strength($0) / Double(b) }
    weighted.withUnsafeMutableBufferPointer { weighted in
      strengths.withUnsafeBufferPointer { strengths in
        for start in stride(from: 0, to: p * b, by: b) {
          for unit in 0..<b { weighted[start + unit] *= strengths[unit] }
        }
      }
    }
    var fresh = DenseMatrix(zeros: p, p)
    fresh.withMutablePointer { fresh in
      multiply(values, weighted, isTransposed: (false, true), p, p, b, into: fresh)
    }
    kernel.withMutablePointer { kernel in
      fresh.withPointer { kernels.axpby(g, $0, 1 - g, kernel, p * p) }
    }
    if let nu = theory.stiffness {
      for (j, square) in meanSquares.enumerated() {
        let target = (nu * model.weightVariance + square) / (nu + 1)
        variances[j] = exp((1 - g) * log(variances[j]) + g * log(target))
      }
    }
    let factor = try ridgeFactor(kernel, ridge: ridge)
    field = factor.solve(data.targets).map { ridge * $0 }
    if theory.mode == .screened { inverse = factor.inverse }
    evaluate(here)
  }

  /// fbar(x) = (1/B) sum_b v_b phi_b(x) J_b/kappa^2 at each test input.
  private mutating func addPredictions(to predictions: inout [Double]) {
    let output = (0..<units).map { strength($0) * here.overlap[$0] / (noise * Double(units)) }
    var chunk = [Double](repeating: 0, count: 128 * units)
    data.testInputs.elements.withUnsafeBufferPointer { tests in
      guard let tests = tests.baseAddress else { return }
      for start in stride(from: 0, to: data.testInputs.rows, by: 128) {
        let count = min(128, data.testInputs.rows - start)
        multiply(tests + start * inputs, here.weights, isTransposed: (false, true), count, units, inputs, into: &chunk)
        kernels.activate(theory.activation, chunk, into: &chunk, count: count * units)
        chunk.withUnsafeBufferPointer { chunk in
          guard let chunk = chunk.baseAddress else { return }
          for row in 0..<count { predictions[start + row] += kernels.dot(chunk + row * units, output, units) }
        }
      }
    }
  }
}
