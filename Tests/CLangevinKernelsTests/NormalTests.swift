import CLangevinKernels
import LangevinPlatform
import Testing

@Suite struct NormalTests {
  static let key = lk_noise_key(key: 0x9e37_79b9_7f4a_7c15, step: 0x1_0000_0007, lane: 2)

  /// Element by element from the documented words, with the C library's functions in double.
  static func definition(_ key: lk_noise_key, element: Int, single: Bool) -> Double {
    let group = element / (single ? 64 : 32), run = element / 16 % (single ? 4 : 2), i = element % 16
    let words = PhiloxTests.block(UInt32(16 * group + i), of: key)
    let t: Double  // the uniform number, less 1 in the upper half
    let eighths: Double  // the angle
    let choice: UInt32
    if single {
      let pair = run / 2 * 2
      t = (Double(Int32(bitPattern: words[pair])) + 0.5) / 0x1p32
      choice = words[pair + 1]
      eighths = Double(Int32(bitPattern: choice & ~3 | 2)) / 0x1p31
    } else {
      let first = UInt64(words[1]) << 32 | UInt64(words[0]), second = UInt64(words[3]) << 32 | UInt64(words[2])
      t = (Double(first >> 12) - 0x1p51) / 0x1p52 + 0x1p-53
      choice = words[2]
      eighths = (Double(second >> 12) - 0x1p51) / 0x1p51 + 0x1p-52
    }
    let radius = (-2 * (t < 0 ? log1p(t) : log(t))).squareRoot()
    let cosine = cos(eighths * .pi / 4) * (choice & 2 == 0 ? 1 : -1), sine = sin(eighths * .pi / 4)
    return radius * ((choice & 1 == 1) == (run % 2 == 0) ? sine : cosine)
  }

  @Test(arguments: InstructionSet.available)
  func everyElementIsItsDefinition(set: InstructionSet) {
    func check<T: KernelScalar>(_: T.Type, tolerance: Double) {
      let normals = set.run { T.normals(Self.key, first: 0, count: 1000) }
      var error = LargestError()
      for (element, value) in normals.enumerated() {
        let expected = Self.definition(Self.key, element: element, single: T.self == Float.self)
        error.compare(value, expected, allowed: tolerance * abs(expected), at: "\(T.self) element \(element)")
      }
      #expect(error.isAllowed, "\(error)")
    }
    check(Float.self, tolerance: 1e-6)
    check(Double.self, tolerance: 2e-15)
  }

  @Test(arguments: InstructionSet.available)
  func startAnywhere(set: InstructionSet) {
    func check<T: KernelScalar>(_: T.Type) {
      let all = set.run { T.normals(Self.key, first: 0, count: 512) }
      for first in [0, 1, 15, 16, 31, 63, 64, 65, 129] {
        for count in [0, 1, 7, 16, 63, 64, 65, 200] {
          let part = set.run { T.normals(Self.key, first: first, count: count) }
          #expect(part == Array(all[first..<first + count]), "\(T.self) first \(first), count \(count)")
        }
      }
      // Far along, where the element number has more than 32 bits.
      let far = 1 << 33 - 256
      let end = set.run { T.normals(Self.key, first: far, count: 128) }
      #expect(set.run { T.normals(Self.key, first: far + 77, count: 40) } == Array(end[77..<117]))
    }
    check(Float.self)
    check(Double.self)
  }

  @Test func momentsToSixthOrder() {
    func check<T: KernelScalar>(_: T.Type) {
      let count = 200_000
      var sums = [Double](repeating: 0, count: 7)
      for value in T.normals(Self.key, first: 0, count: count) {
        var power = 1.0
        for order in 1...6 {
          power *= Double(value)
          sums[order] += power
        }
      }
      let z = 4.9
      let expected = [1.0, 0, 1, 0, 3, 0, 15], variance = [0.0, 1, 2, 15, 96, 945, 10170]
      for order in 1...6 {
        let error = sums[order] / Double(count) - expected[order]
        #expect(abs(error) < z * (variance[order] / Double(count)).squareRoot(), "\(T.self) moment \(order)")
      }
    }
    check(Float.self)
    check(Double.self)
  }

  @Test func kolmogorovSmirnov() {
    func check<T: KernelScalar>(_: T.Type) {
      let count = 100_000
      let sorted = T.normals(Self.key, first: 1 << 20, count: count).map(Double.init).sorted()
      var distance = 0.0
      for (i, value) in sorted.enumerated() {
        let probability = 0.5 * erfc(-value / 2.0.squareRoot())
        distance = max(distance, probability - Double(i) / Double(count), Double(i + 1) / Double(count) - probability)
      }
      // 2 exp(-2 x^2) = 1e-6 at x = 2.69.
      #expect(distance * Double(count).squareRoot() < 2.69, "\(T.self)")
    }
    check(Float.self)
    check(Double.self)
  }

  @Test func tailCounts() {
    let count = 400_000
    let normals = Float.normals(Self.key, first: 0, count: count)
    for threshold in [2.5, 3, 3.5, 4] {
      let expected = Double(count) * erfc(threshold / 2.0.squareRoot()) / 2
      let z = 4.9
      let above = normals.count { Double($0) > threshold }, below = normals.count { Double($0) < -threshold }
      #expect(abs(Double(above) - expected) < z * expected.squareRoot() + 1)
      #expect(abs(Double(below) - expected) < z * expected.squareRoot() + 1)
    }
  }

  /// Correlation coefficients times the square root of the count: standard normal if there is no correlation.
  static func correlation(_ x: ArraySlice<Float>, _ y: ArraySlice<Float>) -> Double {
    var sum = 0.0
    for (a, b) in zip(x, y) { sum += Double(a * b) }
    return sum / Double(x.count).squareRoot()
  }

  @Test func neighboursAreUncorrelated() {
    let normals = Float.normals(Self.key, first: 0, count: 20_000)
    let squares = normals.map { ($0 * $0 - 1) / Float(2).squareRoot() }
    let z = 4.9
    for lag in [1, 2, 3, 4, 15, 16, 17, 31, 32, 33, 48, 63, 64, 65, 128] {
      #expect(abs(Self.correlation(normals.dropLast(lag), normals.dropFirst(lag))) < z, "lag \(lag)")
      #expect(abs(Self.correlation(squares.dropLast(lag), squares.dropFirst(lag))) < z, "squares, lag \(lag)")
    }
  }

  @Test func stepsLanesAndKeysAreUncorrelated() {
    let base = Float.normals(Self.key, first: 0, count: 20_000)
    let z = 4.9
    for difference in [1, 2, 16, 64, 1 << 31] as [UInt64] {
      var step = Self.key, lane = Self.key, key = Self.key
      step.step += difference
      lane.lane += UInt32(difference)
      key.key += difference
      for other in [step, lane, key] {
        #expect(abs(Self.correlation(base[...], Float.normals(other, first: 0, count: 20_000)[...])) < z)
      }
    }
  }
}
