import LangevinCore
import LangevinPlatform

/// A hidden unit as a parity over k of d inputs sees it: the sizes of its k relevant weights and the length q of the others.
///
/// Everything the theory integrates is even in each relevant weight and symmetric among them, so the grid holds sorted
/// combinations of u_j = |w_j|, each with the number of its mirror images and permutations, times nodes in q. The square of
/// the overlap J_S is tabulated once; it depends on no parameter of the model but d.
public struct ParityGrid: Sendable {
  /// How finely to integrate.
  public struct Resolution: Hashable, Sendable {
    /// Nodes for each relevant weight; nil for 48, or 40 where the target has more than two coordinates.
    public var relevantNodes: Int?
    /// Nodes for the length of the other weights.
    public var lengthNodes: Int
    /// Whether the overlap is corrected for the kurtosis of the other coordinates' sum.
    public var correctsKurtosis: Bool
    /// The largest relevant weight, in units of sw; nil for what the prior needs.
    public var reach: Double?

    /// The settings that the reference tables were made with.
    public init(
      relevantNodes: Int? = nil, lengthNodes: Int = 40, correctsKurtosis: Bool = true, reach: Double? = nil
    ) {
      self.relevantNodes = relevantNodes
      self.lengthNodes = lengthNodes
      self.correctsKurtosis = correctsKurtosis
      self.reach = reach
    }
  }

  let inputs: Int
  let degree: Int
  let weight: Quadrature
  let length: Quadrature
  /// sum u_j^2 of each combination.
  let squares: [Double]
  /// ln(mirror images x permutations x product of quadrature weights) of each combination.
  let logWeights: [Double]
  /// J_S^2, combination by combination.
  let overlapSquares: [Double]

  /// The table for a parity over `degree` of `inputs` coordinates, for variances up to the given ones.
  init(inputs d: Int, degree k: Int, scale: Double, holding variances: CoordinateVariances, _ resolution: Resolution) {
    inputs = d
    degree = k
    let others = d - k
    let nodes = resolution.relevantNodes ?? (k <= 2 ? 48 : 40)
    let reach = max(
      (resolution.reach ?? (k <= 2 ? 2 : 1.6)) * scale, 6 * variances.relevant.squareRoot())
    let weight = Quadrature(count: nodes, to: reach)
    self.weight = weight
    let n = Double(others)
    let tail = ((n + 9 * n.squareRoot() + 20) * variances.irrelevant).squareRoot()
    length = others == 0 ? .none : Quadrature(count: resolution.lengthNodes, to: max(2 * scale, tail))

    let combinations = Self.sortedCombinations(of: nodes, length: k)
    let factorial = (1...max(k, 1)).reduce(1.0) { $0 * Double($1) }
    var (squares, logWeights, overlaps) = ([Double](), [Double](), [Double]())
    overlaps.reserveCapacity(combinations.count * length.nodes.count)
    for combination in combinations {
      let u = combination.map { weight.nodes[$0] }
      squares.append(dot(u, u))
      var multiplicity = factorial * Double(1 << k)
      var run = 1
      for (before, now) in zip(combination, combination.dropFirst()) {
        run = before == now ? run + 1 : 1
        multiplicity /= Double(run)
      }
      logWeights.append(log(multiplicity) + combination.reduce(0) { $0 + log(weight.weights[$1]) })
      let overlap = RectifiedUnit.overlaps(
        relevant: u, spreads: length.nodes, others: resolution.correctsKurtosis && others > 0 ? others : nil)
      overlaps += overlap.map { $0 * $0 }
    }
    self.squares = squares
    self.logWeights = logWeights
    overlapSquares = overlaps
  }

  private static func sortedCombinations(of nodes: Int, length: Int) -> [[Int]] {
    var list: [[Int]] = [[]]
    for _ in 0..<length { list = list.flatMap { head in ((head.last ?? 0)..<nodes).map { head + [$0] } } }
    return list
  }

  /// ln of the prior density of q: chi with d - k degrees of freedom.
  func logLengthDensity(_ q: Double, variance: Double) -> Double {
    let n = Double(inputs - degree)
    if n == 0 { return 0 }
    return (n - 1) * log(q) - q * q / (2 * variance) - (n / 2 - 1) * log(2) - logarithmOfGamma(n / 2)
      - n / 2 * log(variance)
  }

  /// Whether the prior's mass on the grid is 1 within 1e-6.
  func holds(_ variances: CoordinateVariances) -> Bool {
    let relevant = zip(weight.nodes, weight.weights).reduce(0) {
      $0 + 2 * $1.1 * exp(-$1.0 * $1.0 / (2 * variances.relevant)) / (2 * .pi * variances.relevant).squareRoot()
    }
    let others = zip(length.nodes, length.weights).reduce(0) {
      $0 + $1.1 * exp(logLengthDensity($1.0, variance: variances.irrelevant))
    }
    return abs(pow(relevant, Double(degree)) * others - 1) < 1e-6
  }
}
