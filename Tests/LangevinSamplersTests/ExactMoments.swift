import LangevinCore
import LangevinSamplers

/// One step of a sampler on a harmonic well as what it is there: an affine map of (q, p) and of its normals.
///
/// The map is measured, column by column, by steps of the sampler itself with given noise; the stationary moments then
/// solve the discrete Lyapunov equation. So a test of them is exact, and tests the engine, not a copy of it.
struct ExactMoments {
  /// (q, p) -> M (q, p) + c
  private(set) var matrix: [[Double]]
  private(set) var offset: [Double]
  private(set) var covariance: [[Double]]

  /// From a function that does one step: (q, p, normals, forces) -> (q, p). `normals` and `forces` are how many numbers
  /// of each kind a step uses; forces are those added to the gradient, of standard deviation `noise`.
  init(
    normals: Int, forces: Int = 0, noise: Double = 1, step: ([Double], [Double], [Double]) throws -> [Double]
  ) rethrows {
    let zero = Array(repeating: 0.0, count: normals)
    let calm = Array(repeating: 0.0, count: forces)
    func unit(_ index: Int, of count: Int) -> [Double] { (0..<count).map { $0 == index ? 1 : 0 } }

    let offset = try step([0, 0], zero, calm)
    func column(_ value: [Double]) -> [Double] { zip(value, offset).map { $0 - $1 } }
    let columns = try [column(step([1, 0], zero, calm)), column(step([0, 1], zero, calm))]
    matrix = (0..<2).map { row in columns.map { $0[row] } }
    self.offset = offset

    var injected = [[0.0, 0.0], [0.0, 0.0]]
    var kicks = try (0..<normals).map { try column(step([0, 0], unit($0, of: normals), calm)) }
    kicks += try (0..<forces).map { try column(step([0, 0], zero, unit($0, of: forces))).map { noise * $0 } }
    for kick in kicks {
      for i in 0..<2 { for j in 0..<2 { injected[i][j] += kick[i] * kick[j] } }
    }

    // Doubling: the sum over k of M^k N M^k', twice as many terms at each turn.
    covariance = injected
    var power = matrix
    for _ in 0..<60 {
      covariance = Self.sum(covariance, Self.product(Self.product(power, covariance), Self.transposed(power)))
      power = Self.product(power, power)
    }
  }

  /// The largest modulus of an eigenvalue.
  var spectralRadius: Double {
    let half = (matrix[0][0] + matrix[1][1]) / 2
    let determinant = matrix[0][0] * matrix[1][1] - matrix[0][1] * matrix[1][0]
    let square = half * half - determinant
    return square < 0 ? determinant.squareRoot() : abs(half) + square.squareRoot()
  }

  private static func product(_ a: [[Double]], _ b: [[Double]]) -> [[Double]] {
    (0..<2).map { i in (0..<2).map { j in a[i][0] * b[0][j] + a[i][1] * b[1][j] } }
  }
  private static func sum(_ a: [[Double]], _ b: [[Double]]) -> [[Double]] {
    (0..<2).map { i in (0..<2).map { j in a[i][j] + b[i][j] } }
  }
  private static func transposed(_ a: [[Double]]) -> [[Double]] { [[a[0][0], a[1][0]], [a[0][1], a[1][1]]] }
}

/// One step from (q, p) with given normals, and the state at the end of the word.
func oneStep(
  of method: Splitting<Double>, on potential: some Potential<Double>, from start: [Double],
  normals: [Double], thermostat: Double? = nil
) throws -> (q: Double, p: Double, thermostat: Double?) {
  var evaluator = try Evaluator(potential, seed: 1)
  evaluator.noise = .list(normals)
  var state = try method.start(at: Tensor([start[0]]), with: &evaluator)
  if state.momentum.count > 0 { state.momentum = Tensor([start[1]]) }
  if let thermostat { state.thermostats = [thermostat] }
  _ = try method.step(&state, with: &evaluator)
  let p = try method.momentum(of: state, with: evaluator)
  return (state.position[0], p.count > 0 ? p[0] : 0, state.thermostats.first)
}

/// A splitting of one word, for all parameters.
func splitting(
  _ word: String, stepSize: Double, temperature: Double = 1, friction: Double = 1, mass: Double = 1,
  thermostat: Thermostat? = nil
) throws -> Splitting<Double> {
  try Splitting(
    word, stepSize: .constant(stepSize),
    partitions: [
      PartitionDynamics(
        word: try SplittingWord(word), temperature: .constant(temperature), friction: friction, mass: .scalar(mass),
        thermostat: thermostat)
    ])
}
