import LangevinCore
import LangevinSamplers
import _LangevinTestSupport

/// The inputs of the reference tables: x_i = sin i, u_i = cos 2i normalised, z1_i = sin(3i + 1), z2_i = cos(5i + 2),
/// sigma_i = 1 + sin(7i)/2, i from 1.
enum IsokineticInput {
  static func position(_ count: Int) -> [Double] { (1...count).map { sin(Double($0)) } }
  static func direction(_ count: Int) -> [Double] {
    let raw = (1...count).map { cos(2 * Double($0)) }
    let norm = raw.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return raw.map { $0 / norm }
  }
  static func normals(_ count: Int) -> [Double] {
    (1...count).map { sin(3 * Double($0) + 1) } + (1...count).map { cos(5 * Double($0) + 2) }
  }
  static func scales(_ count: Int) -> [Double] { (1...count).map { 1 + sin(7 * Double($0)) / 2 } }

  /// (x1^2 + 4 x2^2 + x3^2/4)/2 + 0.05 |x|^4, times a factor.
  static func quartic(times factor: Double = 1) throws -> ClosurePotential<Double> {
    try ClosurePotential(count: 3) { x, gradient in
      let stiffness = (1.0, 4.0, 0.25)
      let square = x[0] * x[0] + x[1] * x[1] + x[2] * x[2]
      gradient[0] = factor * (stiffness.0 * x[0] + 0.2 * square * x[0])
      gradient[1] = factor * (stiffness.1 * x[1] + 0.2 * square * x[1])
      gradient[2] = factor * (stiffness.2 * x[2] + 0.2 * square * x[2])
      let harmonic = stiffness.0 * x[0] * x[0] + stiffness.1 * x[1] * x[1] + stiffness.2 * x[2] * x[2]
      return factor * (harmonic / 2 + 0.05 * square * square)
    }
  }

  /// Five pairs (a, b): (a - 1)^2/2 + (b - a^2)^2/0.2. Exact: E a = 1, Var a = 1, E b = 2, Var b = 6.1.
  static func rosenbrock() throws -> ClosurePotential<Double> {
    try ClosurePotential(count: 10) { x, gradient in
      var energy = 0.0
      for pair in 0..<5 {
        let (a, b) = (x[2 * pair], x[2 * pair + 1])
        let bend = b - a * a
        energy += (a - 1) * (a - 1) / 2 + bend * bend / 0.2
        gradient[2 * pair] = a - 1 - 20 * a * bend
        gradient[2 * pair + 1] = 10 * bend
      }
      return energy
    }
  }
}
