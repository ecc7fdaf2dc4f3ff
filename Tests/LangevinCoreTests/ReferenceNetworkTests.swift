import LangevinCore
import Testing

/// The rows of the specification's table "Reference numbers (float64)" for networks made by formula.
struct ReferenceNetwork: Sendable, CustomTestStringConvertible {
  var name: String
  var sizes: [Int]
  var hidden: Activation
  var output: Activation
  var loss: Loss
  var batch: Int
  var value: Double
  var gradientNorm: Double
  var gradientFirst: Double
  var gradientLast: Double
  var gradientDotV: Double
  var momentSum: Double
  var hessianNorm: Double
  var curvature: Double

  var testDescription: String { name }

  static let all = [
    ReferenceNetwork(
      name: "R1", sizes: [5, 7, 4], hidden: .relu, output: .identity, loss: .crossEntropy, batch: 6,
      value: 1.463512539919822, gradientNorm: 0.6645695302462413, gradientFirst: -0.054190380459281,
      gradientLast: -0.03849788648357562, gradientDotV: -0.29503072652625795, momentSum: 3.830396529595806,
      hessianNorm: 1.6509213980196142, curvature: 2.4163510937649963),
    ReferenceNetwork(
      name: "R2", sizes: [100, 50, 100, 10], hidden: .relu, output: .relu, loss: .crossEntropy, batch: 64,
      value: 2.3081955940274232, gradientNorm: 0.5869199318425948, gradientFirst: 0.00015798926108906772,
      gradientLast: 0.0, gradientDotV: -0.11442024259625869, momentSum: 68.43401993580869,
      hessianNorm: 4.215644085903984, curvature: 0.6450405296213628),
    ReferenceNetwork(
      name: "R3", sizes: [2, 20, 1], hidden: .relu, output: .identity, loss: .binaryCrossEntropy, batch: 25,
      value: 0.6908597198544831, gradientNorm: 0.0444800486062221, gradientFirst: -0.0010810992088830902,
      gradientLast: 0.015509359045226226, gradientDotV: 0.00040665464822378823, momentSum: 1.4126270304459152,
      hessianNorm: 0.42327547956018263, curvature: 0.438465609223628),
    ReferenceNetwork(
      name: "R4", sizes: [1, 2, 1], hidden: .tanh, output: .identity, loss: .squaredError, batch: 10,
      value: 0.0647302026346139, gradientNorm: 0.21325033246566083, gradientFirst: -0.0405508115293667,
      gradientLast: -0.08354807770219291, gradientDotV: -0.08045686608906102, momentSum: 0.21492259880910045,
      hessianNorm: 0.9793860731115368, curvature: 1.0040703100963442),
    ReferenceNetwork(
      name: "R5", sizes: [3, 8, 8, 2], hidden: .gelu, output: .identity, loss: .squaredError, batch: 12,
      value: 0.15295466870159816, gradientNorm: 0.17959113655893202, gradientFirst: 0.022933969372740816,
      gradientLast: 0.11750341851632773, gradientDotV: 0.03880086949362217, momentSum: 0.5993021552464479,
      hessianNorm: 0.8459979622069309, curvature: 0.6701302676102825),
    ReferenceNetwork(
      name: "R6", sizes: [6, 5, 4, 3], hidden: .softplus, output: .sigmoid, loss: .squaredError, batch: 9,
      value: 0.5318508725404695, gradientNorm: 0.3783670899644525, gradientFirst: -0.0006696012235040673,
      gradientLast: 0.06005002999108723, gradientDotV: -0.28062304825093415, momentSum: 0.22140884221301163,
      hessianNorm: 0.2748129134052197, curvature: 0.16463258928721988),
  ]

  /// 0.5 sin(0.7 (i + 1) + k)
  static func fill(_ count: Int, _ k: Double) -> [Double] {
    (0..<count).map { 0.5 * sine(0.7 * Double($0 + 1) + k) }
  }

  func network() throws -> MLP { try MLP(sizes, hidden: hidden, output: output) }

  func parameters<Element: Scalar>() -> Tensor<Element> {
    var all: [Double] = []
    for layer in 0..<sizes.count - 1 {
      let (inputs, outputs) = (sizes[layer], sizes[layer + 1])
      all += Self.fill(outputs * inputs, Double(2 * layer)).map { $0 * 2 / Double(inputs).squareRoot() }
      all += Self.fill(outputs, Double(2 * layer + 1)).map { $0 * 0.2 }
    }
    return Tensor(all.map { Element($0) })
  }

  func examples<Element: Scalar>() throws -> Examples<Element> {
    let outputs = sizes[sizes.count - 1]
    let inputs = Self.fill(batch * sizes[0], 0.3).map { Element(2 * $0) }
    let targets: Examples<Element>.Targets =
      switch loss {
      case .crossEntropy: .classes((0..<batch).map { Int32(7 * $0 % outputs) }, count: outputs)
      case .binaryCrossEntropy: .classes((0..<batch).map { Int32(3 * $0 % 2) }, count: 2)
      case .squaredError:
        .values(try Tensor(shape: [batch, outputs], Self.fill(batch * outputs, 1.1).map { Element($0) }))
      case .gaussian:
        .values(try Tensor(shape: [batch, outputs / 2], Self.fill(batch * outputs / 2, 1.1).map { Element($0) }))
      default: .values(try Tensor(shape: [0, outputs]))
      }
    return try Examples(inputs: Tensor(shape: [batch, sizes[0]], inputs), targets: targets)
  }
}

@Suite struct ReferenceNetworkTests {
  @Test(arguments: ReferenceNetwork.all, InstructionSet.allCases.filter(\.isSupported))
  func agreesInDouble(row: ReferenceNetwork, set: InstructionSet) throws {
    try set.use { try check(row, as: Double.self, tolerance: 1e-10) }
  }

  @Test(arguments: ReferenceNetwork.all, InstructionSet.allCases.filter(\.isSupported))
  func agreesInSingle(row: ReferenceNetwork, set: InstructionSet) throws {
    try set.use { try check(row, as: Float.self, tolerance: 1e-4) }
  }

  private func check<Element: Scalar>(_ row: ReferenceNetwork, as type: Element.Type, tolerance: Double) throws {
    let posterior = try Posterior<Element>(row.network(), examples: row.examples(), loss: row.loss)
    var workspace = posterior.makeWorkspace()
    let theta: Tensor<Element> = row.parameters()
    let v = Tensor((0..<theta.count).map { Element(cosine(Double($0))) })
    var gradient = Tensor(Array(repeating: Element.nan, count: theta.count))

    let energy = try posterior.evaluate(at: theta, gradient: &gradient, workspace: &workspace)
    let moments = try posterior.gradientMoments(at: theta, workspace: &workspace)
    let product = try posterior.hessianProduct(with: v, at: theta, workspace: &workspace)

    func agrees(_ found: Double, _ expected: Double, _ what: String) {
      // Relative to the size of the whole where a single element is small.
      let scale = max(abs(expected), what.contains("[") ? row.gradientNorm * 0.1 : 0)
      #expect(abs(found - expected) <= tolerance * max(scale, 1e-3), "\(what): \(found) instead of \(expected)")
    }
    func dot(_ a: Tensor<Element>, _ b: Tensor<Element>) -> Double {
      (0..<a.count).reduce(0) { $0 + Double(a[$1]) * Double(b[$1]) }
    }
    agrees(energy.total, row.value, "value")
    agrees(dot(gradient, gradient).squareRoot(), row.gradientNorm, "norm of g")
    agrees(Double(gradient[0]), row.gradientFirst, "g[0]")
    agrees(Double(gradient[theta.count - 1]), row.gradientLast, "g[last]")
    agrees(dot(gradient, v), row.gradientDotV, "g.v")
    agrees(moments.second.elements.reduce(0) { $0 + Double($1) }, row.momentSum, "sum of second moments")
    agrees(dot(product, product).squareRoot(), row.hessianNorm, "norm of Hv")
    agrees(dot(v, product), row.curvature, "v.Hv")
  }
}
