import LangevinCore

/// The noise of the low-rank correction: less of it along directions where minibatches bring more.
///
/// In units of c2, the noise to add has the covariance (f^2 = 1 + c1^2, 1 and c1^2 for the middle, opening and closing
/// stage, up to the factor 1 + c1^2 of the middle one)
///
///     1 - f^2 [ sum_j rho_j e_j e_j' + kbar diag(r) off the e_j ],   kbar = (sum_i r_i - sum_j rho_j) / (sum_i r_i - sum_ij r_i e_ji^2)
///
/// which is exact along each e_j and in the trace. Where f^2 rho > 1 no noise is small enough: nothing is added, the direction
/// stays at f^2 rho T, and kbar counts 1/f^2 for rho, so that the others are cooler by the excess and the trace, with it the
/// mean energy, is exact all the same.
package struct CorrectedNoise<Element: Scalar>: Sendable {
  /// e_j
  private let vectors: [Tensor<Double>]
  /// By stage, the deviation along each direction and that of each component off them, in units of c2.
  private let along: [[Double]]
  private let off: [Tensor<Double>]
  /// c2_i
  private let scales: Tensor<Double>
  /// Memory for the normals of a step, and for their components along the directions.
  private var normals: Tensor<Double>
  private var components: [Double]

  @specialized(where Element == Float)
  @specialized(where Element == Double)
  init(
    _ directions: NoiseDirections<Element>, _ masses: ControlledMasses<Element>, _ bookkeeping: NoiseBookkeeping
  ) {
    let count = masses.inverse.count
    let ratios = (0..<count).map { masses.ratio($0, bookkeeping) }
    let total = ratios.reduce(0, +)
    let rest = total - directions.counted.reduce(0, +)
    func factor(_ stage: NoiseBookkeeping.Stage) -> Double {
      let largest = bookkeeping.largestRatio(at: stage)
      let along = directions.strengths.reduce(0) { $0 + min($1, largest) }
      return rest > 0 ? max(0, total - along) / rest : 1
    }
    func deviation(_ stage: NoiseBookkeeping.Stage, _ ratio: Double) -> Double {
      max(0, bookkeeping.added(at: stage, ratio: ratio)).squareRoot()
    }
    vectors = directions.vectors.map { $0.converted(to: Double.self) }
    along = NoiseBookkeeping.Stage.allCases.map { stage in directions.strengths.map { deviation(stage, $0) } }
    off = NoiseBookkeeping.Stage.allCases.map { stage in
      let factor = factor(stage)
      return Tensor(ratios.map { deviation(stage, factor * $0) })
    }
    scales = Tensor(
      (0..<count).map {
        (bookkeeping.temperature / Double(masses.inverse[$0])).squareRoot() * bookkeeping.momentumLoss
      })
    normals = Tensor(zeros: count)
    components = directions.strengths
  }

  /// Adds the noise of a stage to momenta that a pass will multiply by `kept` before it adds to them.
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  mutating func add(
    at stage: NoiseBookkeeping.Stage, to momentum: inout Tensor<Element>, dividedBy kept: Double,
    _ noise: inout NoiseSource, step: UInt64, lane: UInt32
  ) {
    noise.fillNormals(&normals, step: step, lane: lane)
    // Off the directions each component has its own deviation, and what that leaves along them is replaced.
    for (index, vector) in vectors.enumerated() { components[index] = replaceComponent(along: vector, by: 0) }
    let count = momentum.count
    normals.withMutablePointer { z in
      off[stage.rawValue].withPointer { off in for index in 0..<count { z[index] *= off[index] } }
    }
    for (index, vector) in vectors.enumerated() {
      _ = replaceComponent(along: vector, by: along[stage.rawValue][index] * components[index])
    }
    momentum.withMutablePointer { p in
      normals.withPointer { z in
        scales.withPointer { c2 in for index in 0..<count { p[index] += Element(c2[index] * z[index] / kept) } }
      }
    }
  }

  /// Gives the normals a component along a unit vector; returns the one they had.
  private mutating func replaceComponent(along vector: Tensor<Double>, by new: Double) -> Double {
    let old = vector.dot(normals)
    normals.add(new - old, vector)
    return old
  }
}
