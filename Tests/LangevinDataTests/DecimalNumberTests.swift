import LangevinCore
import Testing

@testable import LangevinData

/// Numbers of tables must be those that the C library reads, to the last bit.
@Suite struct DecimalNumberTests {
  private let notation = DecimalNotation(mark: UInt8(ascii: "."))

  private func agrees(_ text: String) -> Bool { notation.number(text)?.bitPattern == Double(text)?.bitPattern }

  @Test func shortestDigitsComeBack() {
    var random = SplitMix64(seed: 1)
    var wrong: [Double] = []
    for _ in 0..<100_000 {
      let bits = UInt64(random.uniform() * 0x1p52) << 12 | UInt64(random.uniform() * 0x1p12)
      let value = Double(bitPattern: bits)
      guard value.isFinite else { continue }
      if notation.number(value.description)?.bitPattern != bits { wrong.append(value) }
    }
    #expect(wrong.isEmpty)
  }

  /// Digits that no double was written as: one to twenty-two of them, with a point anywhere and an exponent.
  @Test func anyDigitsAreRounded() {
    var random = SplitMix64(seed: 2)
    var wrong: [String] = []
    func integer(_ bound: Int) -> Int { Int(random.uniform() * Double(bound)) }
    for _ in 0..<50_000 {
      var text = integer(2) == 0 ? "-" : ""
      let count = 1 + integer(22)
      let point = integer(count + 1)
      for place in 0..<count {
        if place == point { text += "." }
        text += String(integer(10))
      }
      if integer(2) == 0 { text += "e\(integer(140) - 70)" }
      if !agrees(text) { wrong.append(text) }
    }
    #expect(wrong.isEmpty)
  }

  /// Numbers halfway between two doubles, and their neighbours.
  @Test func halvesGoToTheEvenNeighbour() {
    for text in [
      "9007199254740993", "9007199254740995", "9007199254740992.5", "4503599627370497.5", "4503599627370496.5",
      "9007199254740993e1", "45035996273704985e-1", "18014398509481986", "18014398509481990", "1152921504606847104",
      "1152921504606846977", "9223372036854776833", "9223372036854775809e3", "5e-324", "2.2250738585072011e-308",
      "1.7976931348623158e308", "1.7976931348623159e308", "18446744073709551615", "18446744073709551616", "1e23",
      "8.5e22", "0e999", "0.000000000000000000000000000001", "123456789012345678901234567890", "7.0e-10", "-0.0",
    ] {
      #expect(agrees(text), "\(text)")
    }
  }

  @Test(arguments: [
    "", "-", ".", "+.e1", "1e", "1e+", "0x10", "1_000", "1 2", "1.2.3", "--1", "1,5", "1e5.0", "e5", "infinite",
  ])
  func whatIsNoNumber(text: String) { #expect(notation.number(text) == nil) }

  @Test func namesOfWhatIsNotFinite() {
    #expect(notation.number("-Inf") == -.infinity && notation.number("nan")?.isNaN == true)
    #expect(DecimalNotation(mark: UInt8(ascii: ",")).number("-1,5e1") == -15)
  }
}
