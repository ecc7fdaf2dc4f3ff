import CLangevinKernels
import LangevinPlatform
import Testing

/// Activations and their first two derivatives at z, plainly, with the C library's functions in double.
enum PlainActivation {
  static let all = [LK_IDENTITY, LK_RELU, LK_TANH, LK_SIGMOID, LK_GELU, LK_SOFTPLUS, LK_ERF]

  static func density(_ z: Double) -> Double { exp(-z * z / 2) / (2 * Double.pi).squareRoot() }
  static func distribution(_ z: Double) -> Double { erfc(-z / 2.0.squareRoot()) / 2 }
  static func sigmoid(_ z: Double) -> Double { z < 0 ? exp(z) / (1 + exp(z)) : 1 / (1 + exp(-z)) }

  static func value(_ activation: lk_activation, _ z: Double) -> Double {
    switch activation {
    case LK_RELU: z < 0 ? 0 : z
    case LK_TANH: tanh(z)
    case LK_SIGMOID: sigmoid(z)
    case LK_GELU: z * distribution(z)
    case LK_SOFTPLUS: max(z, 0) + log1p(exp(-abs(z)))
    case LK_ERF: erf(z)
    default: z
    }
  }

  static func slope(_ activation: lk_activation, _ z: Double) -> Double {
    switch activation {
    case LK_RELU: z > 0 ? 1 : 0
    case LK_TANH: 1 / (cosh(z) * cosh(z))
    case LK_SIGMOID: sigmoid(z) * sigmoid(-z)
    case LK_GELU: distribution(z) + z * density(z)
    case LK_SOFTPLUS: sigmoid(z)
    case LK_ERF: 2 / Double.pi.squareRoot() * exp(-z * z)
    default: 1
    }
  }

  static func curvature(_ activation: lk_activation, _ z: Double) -> Double {
    switch activation {
    case LK_TANH: -2 * tanh(z) * slope(LK_TANH, z)
    case LK_SIGMOID: slope(LK_SIGMOID, z) * (sigmoid(-z) - sigmoid(z))
    case LK_GELU: (2 - z * z) * density(z)
    case LK_SOFTPLUS: slope(LK_SIGMOID, z)
    case LK_ERF: -2 * z * slope(LK_ERF, z)
    default: 0
    }
  }
}

@Suite struct ActivationTests {
  /// A dense grid over all that is not constant, and magnitudes from huge to subnormal, of both signs.
  static func grid<T: KernelScalar>(_: T.Type) -> [T] {
    let range = T.self == Float.self ? 110.0 : 760.0
    var grid = (-2000...2000).map { T(Double($0) * range / 2000) }
    grid += (-4000...4000).map { T(Double($0) * 0.00301) }
    var magnitude = T.greatestFiniteMagnitude
    while magnitude > 4 * T.leastNonzeroMagnitude {
      grid += [magnitude, -magnitude]
      magnitude /= 1.37
    }
    return grid
  }

  @Test(arguments: InstructionSet.available, PlainActivation.all)
  func accurateOverTheWholeRange(set: InstructionSet, activation: lk_activation) {
    func check<T: KernelScalar>(_: T.Type, tolerance: Double, wide: Double) {
      let z = Self.grid(T.self)
      let h = set.run { T.activate(activation, z) }
      var error = LargestError()
      for (z, h) in zip(z, h) {
        let z = Double(z), expected = PlainActivation.value(activation, z)
        // Subnormal results have a granularity; the plain gelu rounds its argument, which its tail multiplies by z^2.
        let granularity = 4 * Double(T.leastNonzeroMagnitude) * max(1, abs(z))
        let relative = tolerance + (activation == LK_GELU ? wide * min(z * z, 1600) : 0)
        error.compare(h, expected, allowed: relative * abs(expected) + granularity, at: "\(T.self) at \(z)")
      }
      #expect(error.isAllowed, "\(error)")
    }
    check(Float.self, tolerance: 1e-6, wide: 0)
    check(Double.self, tolerance: 8 * 0x1p-52, wide: 0x1p-52)
  }

  @Test(arguments: InstructionSet.available)
  func infinitiesZerosAndNaN(set: InstructionSet) {
    func check<T: KernelScalar>(_: T.Type) {
      let limits: [(lk_activation, low: T, zero: T, high: T)] = [
        (LK_IDENTITY, -T.infinity, 0, T.infinity), (LK_RELU, 0, 0, T.infinity), (LK_TANH, -1, 0, 1),
        (LK_SIGMOID, 0, 0.5, 1), (LK_GELU, 0, 0, T.infinity),
        (LK_SOFTPLUS, 0, T(log(2.0)), T.infinity), (LK_ERF, -1, 0, 1),
      ]
      for (activation, low, zero, high) in limits {
        let h = set.run { T.activate(activation, [-T.infinity, 0, T.infinity, T.nan, -T.nan]) }
        #expect(Array(h[..<3]) == [low, zero, high], "\(T.self) \(activation)")
        #expect(h[3].isNaN && h[4].isNaN, "\(T.self) \(activation)")
      }
    }
    check(Float.self)
    check(Double.self)
  }

  /// Slopes and second derivatives come out of the backward R-operator with delta = rz = 1 and rdelta = 0.
  @Test(arguments: InstructionSet.available, PlainActivation.all)
  func derivatives(set: InstructionSet, activation: lk_activation) {
    func check<T: KernelScalar>(_: T.Type, tolerance: Double) {
      let z = Self.grid(T.self).filter { abs($0) < 1000 } + [T.infinity, -T.infinity]
      let h = set.run { T.activate(activation, z) }
      let saved = lk_activation_needs_input(activation) ? z : h
      let ones = [T](repeating: 1, count: z.count)
      var slope = ones, curvature = [T](repeating: 0, count: z.count), delta = ones
      set.run {
        T.rBackward(activation, saved: saved, rz: ones, delta: &slope, rdelta: &curvature)
        T.backward(activation, saved: saved, delta: &delta)
      }
      #expect(delta == slope)
      #expect(set.run { T.rForward(activation, saved: saved, rz: ones) } == slope)
      var error = LargestError()
      for i in z.indices where abs(z[i]) < 700 {
        let at = Double(z[i])
        error.compare(slope[i], PlainActivation.slope(activation, at), allowed: tolerance, at: "slope at \(at)")
        let second = PlainActivation.curvature(activation, at)
        error.compare(curvature[i], second, allowed: tolerance, at: "second derivative at \(at)")
      }
      #expect(error.isAllowed, "\(T.self) \(error)")
      let flat: Set = [LK_TANH.rawValue, LK_SIGMOID.rawValue, LK_ERF.rawValue]
      #expect(slope[z.count - 2] == (flat.contains(activation.rawValue) ? 0 : 1))
      #expect(slope[z.count - 1] == (activation == LK_IDENTITY ? 1 : 0))
    }
    check(Float.self, tolerance: 1e-6)
    check(Double.self, tolerance: 2e-15)
  }

  /// The plain derivatives themselves, against differences of the plain values.
  @Test(arguments: PlainActivation.all)
  func plainDerivativesAreDifferences(activation: lk_activation) {
    let step = 1e-5
    var error = LargestError()
    for i in -50...50 where i != 0 {
      let z = Double(i) * 0.11
      func difference(_ f: (lk_activation, Double) -> Double) -> Double {
        (f(activation, z + step) - f(activation, z - step)) / (2 * step)
      }
      let slope = difference(PlainActivation.value), second = difference(PlainActivation.slope)
      error.compare(slope, PlainActivation.slope(activation, z), allowed: 1e-8, at: "slope at \(z)")
      error.compare(second, PlainActivation.curvature(activation, z), allowed: 1e-8, at: "second at \(z)")
    }
    #expect(error.isAllowed, "\(error)")
  }

  @Test(arguments: InstructionSet.available)
  func reluIsClosedAtZero(set: InstructionSet) {
    var delta: [Float] = [3, 3, 3, .nan, .infinity]
    set.run { Float.backward(LK_RELU, saved: [0, -0.0, 2, 0, 0], delta: &delta) }
    #expect(delta == [0, 0, 3, 0, 0])
  }

  /// R{dU/dz} = act' R{dU/dh} + act'' R{z} dU/dh, and dU/dz = act' dU/dh.
  @Test(arguments: InstructionSet.available, PlainActivation.all)
  func backwardROperator(set: InstructionSet, activation: lk_activation) {
    let z = (0..<37).map { -3 + 0.171 * Double($0) }
    let rz = z.map { sin(3 * $0) }, dh = z.map { cos(5 * $0) }, rdh = z.map { sin(7 * $0) }
    let h = z.map { PlainActivation.value(activation, $0) }
    var delta = dh, rdelta = rdh
    set.run {
      Double.rBackward(
        activation, saved: lk_activation_needs_input(activation) ? z : h, rz: rz, delta: &delta, rdelta: &rdelta)
    }
    var error = LargestError()
    for i in z.indices {
      let slope = PlainActivation.slope(activation, z[i]), curvature = PlainActivation.curvature(activation, z[i])
      error.compare(delta[i], slope * dh[i], allowed: 1e-14)
      error.compare(rdelta[i], slope * rdh[i] + curvature * rz[i] * dh[i], allowed: 1e-14)
    }
    #expect(error.isAllowed, "\(error)")
  }

  /// Any number of elements, and none beyond.
  @Test(arguments: InstructionSet.available)
  func everyLength(set: InstructionSet) {
    for count in [1, 2, 3, 5, 8, 15, 16, 17, 33] {
      let saved = (0..<count + 3).map { sin(Double($0)) }, before = (0..<count + 3).map { cos(Double($0)) }
      var delta = before, squares = before
      set.run {
        lk_activation_backward(LK_F64, LK_TANH, saved, &delta, count)
        lk_square(LK_F64, saved, &squares, count)
      }
      var error = LargestError()
      for i in delta.indices {
        let h = saved[i]
        error.compare(delta[i], before[i] * (i < count ? 1 - h * h : 1), allowed: 1e-15)
        error.compare(squares[i], i < count ? h * h : before[i], allowed: 1e-16)
      }
      #expect(error.isAllowed, "\(count) elements: \(error)")
    }
  }
}

extension lk_activation: @retroactive CustomTestStringConvertible {
  /// The name in test reports.
  public var testDescription: String {
    switch self {
    case LK_IDENTITY: "identity"
    case LK_RELU: "relu"
    case LK_TANH: "tanh"
    case LK_SIGMOID: "sigmoid"
    case LK_GELU: "gelu"
    case LK_SOFTPLUS: "softplus"
    case LK_ERF: "erf"
    default: "activation \(rawValue)"
    }
  }
}
