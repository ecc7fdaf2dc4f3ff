import Langevin
import LangevinPlatform

/// A problem with known moments, on which samplers are tuned and compared.
struct MicrocanonicalProblem: Sendable {
  let name: String
  let potential: ClosurePotential<Double>
  /// Exact, or from long runs of two methods: means, variances, and how well each is known as a share of sd and variance.
  let means, variances: [Double]
  var meanError = 0.0
  var varianceError = 0.0

  var dimension: Int { means.count }

  /// A start of the chain, as far out as a typical point.
  func start(_ random: RandomStream) -> Tensor<Double> {
    var start = Tensor<Double>(zeros: dimension)
    random.fillNormals(&start)
    for i in 0..<dimension { start[i] = means[i] + variances[i].squareRoot() * start[i] }
    return start
  }

  /// Independent, with stiffnesses evenly spaced in their logarithms.
  static func gaussian(_ name: String, stiffness: [Double]) throws -> Self {
    Self(
      name: name,
      potential: try ClosurePotential(count: stiffness.count) { x, gradient in
        var energy = 0.0
        for i in 0..<stiffness.count {
          gradient[i] = stiffness[i] * x[i]
          energy += gradient[i] * x[i] / 2
        }
        return energy
      }, means: stiffness.map { _ in 0 }, variances: stiffness.map { 1 / $0 })
  }

  /// Fifty directions with stiffnesses from 100 to 0.01.
  static func icg50() throws -> Self {
    try gaussian("ICG50", stiffness: (0..<50).map { pow(10, 2 - 4 * Double($0) / 49) })
  }

  /// Five pairs (a, b): (a - 1)^2/2 + (b - a^2)^2/0.2.
  static func rb10() throws -> Self {
    Self(
      name: "RB10",
      potential: try ClosurePotential(count: 10) { x, gradient in
        var energy = 0.0
        for pair in 0..<5 {
          let (a, b) = (x[2 * pair], x[2 * pair + 1])
          let bend = b - a * a
          energy += (a - 1) * (a - 1) / 2 + bend * bend / 0.2
          gradient[2 * pair] = a - 1 - 20 * a * bend
          gradient[2 * pair + 1] = 10 * bend
        }
        return energy
      }, means: (0..<10).map { $0 % 2 == 0 ? 1 : 2 }, variances: (0..<10).map { $0 % 2 == 0 ? 1 : 6.1 })
  }

  /// Logistic regression on 200 made-up examples of 10 features, with a unit normal prior. The data come from one SplitMix64
  /// stream of seed 7; means and variances from long runs, good to 3 % of a standard deviation and 5 % of a variance.
  static func lr10() throws -> Self {
    var random = SplitMix64(state: 7)
    var rows = (0..<200).map { _ in (0..<10).map { random.normal() * pow(10, Double($0) / 9 - 0.5) } }
    for row in 0..<200 { rows[row][0] = 1 }
    let weights = (0..<10).map { _ in random.normal() }
    let signs = rows.map { row in
      let score = zip(row, weights).reduce(0) { $0 + $1.0 * $1.1 }
      return random.uniform() < 1 / (1 + exp(-score)) ? 1.0 : -1
    }
    let table = rows
    return Self(
      name: "LR10",
      potential: try ClosurePotential(count: 10) { w, gradient in
        var energy = 0.0
        for j in 0..<10 {
          gradient[j] = w[j]
          energy += w[j] * w[j] / 2
        }
        for (row, sign) in zip(table, signs) {
          var score = 0.0
          for j in 0..<10 { score += row[j] * w[j] }
          let margin = sign * score
          energy += margin > 0 ? log1p(exp(-margin)) : log1p(exp(margin)) - margin
          let slope = -sign / (1 + exp(margin))
          for j in 0..<10 { gradient[j] += slope * row[j] }
        }
        return energy
      }, means: [0.983, -1.316, 0.185, -0.010, 0.414, -0.118, -1.141, 1.078, 0.921, 0.383],
      variances: [0.0599, 0.277, 0.188, 0.103, 0.0731, 0.0346, 0.0493, 0.0315, 0.0275, 0.00751], meanError: 0.03,
      varianceError: 0.05)
  }
}

/// The generator by which the problem's data are numbered, and Box and Muller's normals.
private struct SplitMix64 {
  var state: UInt64

  mutating func uniform() -> Double {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return Double((z ^ (z >> 31)) >> 11) * 0x1p-53
  }

  mutating func normal() -> Double {
    let radius = (-2 * log(1 - uniform())).squareRoot()
    return radius * cos(2 * .pi * uniform())
  }
}
