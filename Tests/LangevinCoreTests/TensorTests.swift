import LangevinCore
import Testing

@Suite struct TensorTests {
  @Test func copiesAreIndependent() throws {
    let original = try Tensor<Float>(shape: [2, 3], [1, 2, 3, 4, 5, 6])
    var copy = original
    copy[1, 2] = 60
    #expect(original[1, 2] == 6 && copy[5] == 60)
    var other = copy
    var span = other.mutableSpan
    span[0] = 9
    #expect(copy[0] == 1 && other[0] == 9)
    #expect(original != copy)
  }

  @Test(arguments: [0, 1, 3, 16, 1000])
  func memoryIsAligned(count: Int) {
    let tensor = Tensor([Double](repeating: 1, count: count))
    tensor.withPointer { #expect(UInt(bitPattern: $0) % 64 == 0) }
    #expect(tensor.span.count == count)
  }

  @Test func conversionKeepsShapeAndValues() throws {
    let tensor = try Tensor<Double>(shape: [2, 2], [0.5, -1, 2, 1e-3])
    let single: Tensor<Float> = tensor.converted()
    #expect(single.shape == [2, 2] && single.elements == [0.5, -1, 2, 1e-3])
  }

  @Test func theFirstNonFiniteElementIsFound() {
    #expect(Tensor<Float>([1, 2, 3]).firstNonFinite == nil)
    #expect(Tensor<Float>([1, .nan, .infinity]).firstNonFinite == 1)
    #expect(Tensor<Double>([1, 2, -.infinity]).firstNonFinite == 2)
  }
}

@Suite struct ParameterLayoutTests {
  @Test func blocksFollowOneAnother() throws {
    let layout = try MLP([3, 4, 2]).layout
    #expect(layout.blocks.map(\.name) == ["layer1.weight", "layer1.bias", "layer2.weight", "layer2.bias"])
    #expect(layout.blocks.map(\.range) == [0..<12, 12..<16, 16..<24, 24..<26])
    #expect(layout["layer2.weight"]?.shape == [2, 4])
    #expect(layout.blockName(at: 15) == "layer1.bias")
    #expect(try MLP([3, 4, 2], biases: false).layout.count == 20)
  }

  @Test func partitionsMergeNeighbours() throws {
    let layout = try MLP([3, 4, 2]).layout
    #expect(try layout.partition(["layer1"]).ranges == [0..<16])
    #expect(try layout.partition(["layer2.bias", "layer1.weight"]).ranges == [0..<12, 24..<26])
    #expect(try layout.layers().map(\.name) == ["layer1", "layer2"])
    #expect(try layout.whole.count == 26)
  }
}

@Suite struct InitialisationTests {
  @Test(arguments: Initialiser.allCases)
  func weightsHaveTheirVariance(law: Initialiser) throws {
    let network = try MLP([50, 200, 10])
    let random = RandomStream(seed: 1, purpose: .initialisation)
    let parameters: Tensor<Double> = network.initialParameters(law, from: random)
    let weights = parameters.elements[0..<10_000]
    let square = weights.reduce(0) { $0 + $1 * $1 } / 10_000
    let expected: Double =
      switch law {
      case .uniformFanIn: 1.0 / 50 / 3
      case .glorot: 6.0 / 250 / 3
      case .he: 2.0 / 50
      case .unitNormal: 1
      case .tangentKernel: 1.0 / 50
      }
    // The mean square of 10^4 normals has relative deviation sqrt(2/10^4); z = 4.9.
    #expect(abs(square / expected - 1) < 4.9 * 0.01414)
    let single: Tensor<Float> = network.initialParameters(law, from: random)
    #expect(zip(single.elements, parameters.elements).allSatisfy { $0 == Float($1) })
  }
}
