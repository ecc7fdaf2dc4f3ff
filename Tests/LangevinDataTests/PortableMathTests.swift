import LangevinData
import LangevinPlatform
import Testing

/// Against the system's library, which is right to about one unit in the last place; a few units are allowed for both.
@Suite struct PortableMathTests {
  private func points(_ low: Double, _ high: Double) -> [Double] {
    (0...2000).map { low + (high - low) * Double($0) / 2000 }
  }

  private func relativeError(_ a: Double, _ b: Double) -> Double { b == 0 ? abs(a) : abs(a / b - 1) }

  @Test func logarithm() {
    for x in points(-300, 300).map({ pow(10, $0) }) + points(0.9, 1.1) + [0x1p-53, 1 - 0x1p-53, 1, 2.0.squareRoot()] {
      #expect(abs(PortableMath.log(x) - log(x)) <= 4e-16 * max(abs(log(x)), abs(x - 1)), "\(x)")
    }
  }

  @Test func exponential() {
    for x in points(-700, 700) + points(-1, 1) { #expect(relativeError(PortableMath.exp(x), exp(x)) < 1e-15, "\(x)") }
    #expect(PortableMath.exp(710) == .infinity && PortableMath.exp(-1000) == 0 && PortableMath.exp(0) == 1)
  }

  @Test func hyperbolicTangent() {
    for x in points(-30, 30) + points(-0.1, 0.1) {
      #expect(relativeError(PortableMath.tanh(x), tanh(x)) < 1e-14, "\(x)")
    }
    #expect(PortableMath.tanh(1000) == 1 && PortableMath.tanh(-1000) == -1)
  }

  @Test func cosineAndSine() {
    for turns in points(-3, 3) + [0.125, 0.25, 0.5, 1000.3] {
      let (cosine, sine) = PortableMath.cosineAndSine(turns: turns)
      // The remainder is exact, the multiplication by 2 pi is not.
      let angle = 2 * Double.pi * turns.remainder(dividingBy: 1)
      #expect(abs(cosine - cos(angle)) < 1e-15 && abs(sine - sin(angle)) < 1e-15, "\(turns)")
    }
    #expect(PortableMath.cosineAndSine(turns: 0.25) == (0, 1) && PortableMath.cosineAndSine(turns: 1.5) == (-1, 0))
  }

  @Test func powers() {
    for x in points(0.001, 50) { #expect(relativeError(PortableMath.power(x, 0.37), pow(x, 0.37)) < 2e-15, "\(x)") }
    #expect(
      PortableMath.power(2, 0.5) == 2.0.squareRoot() && PortableMath.power(0, 0.5) == 0 && PortableMath.power(0, 2) == 0
    )
    #expect(PortableMath.power(0, 0) == 1)
  }
}
