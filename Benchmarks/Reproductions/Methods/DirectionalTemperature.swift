import Langevin

/// The temperature along one direction of mass-scaled coordinates, from configurations of a run with frozen masses.
///
///     X = sum_i e_i sqrt(M_i) theta_i     G = sum_i e_i d_i U / sqrt(M_i)     Y = sum_i e_i Pi_i / sqrt(M_i)
///     virial  <(X - <X>) G>,  kinetic  <Y^2>
///
/// Both are T for exp(-U/T). A stationary pseudo-Langevin chain has them equal, and where minibatch noise is correlated
/// they are T_eff of ``NoiseDirections``; a difference between them is drift. The kinetic one needs no gradient.
package struct DirectionalTemperature: Sendable {
  private let direction: Tensor<Double>
  private var samples: [(position: Double, force: Double, momentum: Double)] = []

  /// Configurations so far.
  package var count: Int { samples.count }

  /// A unit vector in mass-scaled coordinates.
  package init(along direction: Tensor<some Scalar>) { self.direction = direction.converted(to: Double.self) }

  /// Adds a configuration: theta, the full gradient there, the momentum, and the inverse masses.
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  package mutating func add<Element: Scalar>(
    position: Tensor<Element>, gradient: Tensor<Element>, momentum: Tensor<Element>, inverseMasses: Tensor<Element>
  ) {
    var (x, g, y) = (0.0, 0.0, 0.0)
    for index in 0..<direction.count {
      let root = Double(inverseMasses[index]).squareRoot()
      x += direction[index] * Double(position[index]) / root
      g += direction[index] * Double(gradient[index]) * root
      y += direction[index] * Double(momentum[index]) * root
    }
    samples.append((x, g, y))
  }

  /// (X - <X>) G of each configuration: its mean is the virial temperature.
  package var virial: [Double] {
    let mean = samples.reduce(0) { $0 + $1.position } / Double(max(samples.count, 1))
    return samples.map { ($0.position - mean) * $0.force }
  }

  /// Y^2 of each configuration: its mean is the kinetic temperature.
  package var kinetic: [Double] { samples.map { $0.momentum * $0.momentum } }
}
