import Langevin

/// Draws of a noise with many components, component by component.
package struct NoiseSample {
  package let components: Int
  package let draws: Int
  /// Draw d of component c is at c draws + d.
  package private(set) var values: [Float]

  /// Independent standard normals.
  package init(normals draws: Int, of components: Int, seed: UInt64) {
    (self.components, self.draws) = (components, draws)
    var normals = Tensor<Float>(Array(repeating: 0, count: draws * components))
    RandomStream(seed: seed, purpose: .user).fillNormals(&normals)
    values = normals.elements
  }

  /// The noise of fresh minibatches at a point, for every `stride`-th parameter, in units of what half a step needs.
  package init(
    at state: PseudoLangevin<Float>.State, of sampler: PseudoLangevin<Float>, _ posterior: Posterior<Float>,
    batches: BatchScheme, draws: Int, stride: Int = 1, seed: UInt64, pool: ThreadPool = .single
  ) throws {
    let chosen = Array(Swift.stride(from: 0, to: posterior.parameterCount, by: stride))
    (components, self.draws) = (chosen.count, draws)
    values = Array(repeating: 0, count: chosen.count * draws)
    var evaluator = try Evaluator(posterior, batches: batches, seed: seed, pool: pool)
    var gradient = state.position
    let mean = try Self.gradient(at: state.position, with: &evaluator)
    let scales = chosen.map {
      (Double(state.inverseMasses[$0]) / sampler.temperature.value(at: 0)).squareRoot() / 2 * sampler.settings.timeStep
        / sampler.settings.momentumLoss
    }
    for draw in 0..<draws {
      _ = try evaluator.gradient(on: .next, at: state.position, into: &gradient, step: 0)
      for (place, index) in chosen.enumerated() {
        values[place * draws + draw] = Float(scales[place] * Double(gradient[index] - mean[index]))
      }
    }
  }

  private static func gradient(
    at position: Tensor<Float>, with evaluator: inout Evaluator<Posterior<Float>>
  ) throws -> Tensor<Float> {
    var gradient = position
    _ = try evaluator.gradient(on: .all, at: position, into: &gradient, step: 0)
    return gradient
  }

  /// The noise of a step between two drifts: this one twice, as one minibatch serves both half kicks, and what is added.
  package func total(with white: NoiseSample, momentumLoss: Double) -> NoiseSample {
    let both = 2 - momentumLoss * momentumLoss
    var total = self
    for component in 0..<components {
      let range = component * draws..<(component + 1) * draws
      let ratio = values[range].reduce(0) { $0 + Double($1) * Double($1) } / Double(draws)
      let (brought, added) = (Float(both.squareRoot()), Float(max(0, 1 - both * ratio).squareRoot()))
      for index in range { total.values[index] = brought * values[index] + added * white.values[index] }
    }
    return total
  }

  /// Each component with mean 0 and variance 1 over its draws; one that is constant is 0.
  package func standardised() -> NoiseSample {
    var result = self
    for component in 0..<components {
      let range = component * draws..<(component + 1) * draws
      var moments = RunningMoments()
      for index in range { moments.add(Double(values[index])) }
      let deviation = moments.standardDeviation ?? 0
      for index in range {
        result.values[index] = deviation > 0 ? Float((Double(values[index]) - moments.mean) / deviation) : 0
      }
    }
    return result
  }

  /// The draws of one component.
  package func component(_ number: Int) -> ArraySlice<Float> { values[number * draws..<(number + 1) * draws] }

  // What follows is meant for standardised samples.

  /// The share of components that look like normals to a Kolmogorov-Smirnov test with this probability of error.
  package func normalShare(error: Double = 0.05) throws -> Double {
    let passed = try (0..<components).count { number in
      try kolmogorovSmirnovTest(of: component(number).map(Double.init), cumulative: StandardNormal.cumulative).pValue
        > error
    }
    return Double(passed) / Double(components)
  }

  /// The root mean square of all correlation coefficients of two different components.
  ///
  /// sum_ij C_ij^2 over components is that of the smaller matrix of draws against draws.
  package func rootMeanSquareCorrelation() -> Double {
    var gram = [Double](repeating: 0, count: draws * draws)
    for number in 0..<components {
      values.withUnsafeBufferPointer { values in
        let x = values.baseAddress.map { $0 + number * draws }
        guard let x else { return }
        gram.withUnsafeMutableBufferPointer { gram in
          for i in 0..<draws {
            let factor = Double(x[i])
            for j in 0..<draws { gram[i * draws + j] += factor * Double(x[j]) }
          }
        }
      }
    }
    let (n, count) = (Double(draws - 1), Double(components))
    let sum = gram.reduce(0) { $0 + $1 * $1 } / (n * n)
    return (max(0, sum - count) / (count * (count - 1))).squareRoot()
  }

  /// The correlation coefficients of all pairs of every `stride`-th component.
  package func correlations(every stride: Int, in histogram: inout Histogram) {
    let chosen = Array(Swift.stride(from: 0, to: components, by: stride))
    values.withUnsafeBufferPointer { values in
      guard let base = values.baseAddress else { return }
      for (place, i) in chosen.enumerated() {
        for j in chosen.dropFirst(place + 1) {
          histogram.add(Float.kernels.dot(base + i * draws, base + j * draws, draws) / Double(draws - 1))
        }
      }
    }
  }

  /// Mean and standard deviation over components of the autocorrelation at a lag.
  package func autocorrelation(lag: Int) -> RunningMoments {
    var moments = RunningMoments()
    values.withUnsafeBufferPointer { values in
      guard let base = values.baseAddress else { return }
      for number in 0..<components {
        let x = base + number * draws
        moments.add(Float.kernels.dot(x, x + lag, draws - lag) / Double(draws - lag))
      }
    }
    return moments
  }
}
