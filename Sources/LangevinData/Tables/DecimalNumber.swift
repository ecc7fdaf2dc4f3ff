/// How numbers are written in a table: digits, a decimal mark, and an exponent after `e`.
///
/// Every number is rounded correctly. Most need no more than one multiplication (Clinger, "How to read floating point
/// numbers accurately", PLDI 1990), nearly all others one of 128 bits (Lemire, "Number parsing at a gigabyte per
/// second", Software: Practice and Experience 51, 2021); the C library reads what is left.
struct DecimalNotation: Sendable {
  /// The decimal mark, a point or a comma.
  let mark: UInt8
  private let exact = PowersOfTen.exact
  private let whole = PowersOfTen.whole

  init(mark: UInt8) { self.mark = mark }

  /// The number that a field holds, or nil where it holds none. Infinity and NaN count as numbers here.
  ///
  /// Eight bytes behind the field must be readable.
  @inline(__always)
  func number(_ field: UnsafeBufferPointer<UInt8>) -> Double? {
    guard var place = field.baseAddress else { return nil }
    let start = place
    let end = start + field.count
    @inline(__always) func isAtEnd() -> Bool { place == end }
    var isNegative = false
    if !isAtEnd(), place.pointee == UInt8(ascii: "-") || place.pointee == UInt8(ascii: "+") {
      isNegative = place.pointee == UInt8(ascii: "-")
      place += 1
    }
    var digits: UInt64 = 0
    @inline(__always) func readDigits() -> Int {
      let first = place
      while true {
        let run = DigitRun(at: place, before: end)
        digits = digits &* whole[run.count] &+ run.value
        place += run.count
        if run.count < 8 { return place - first }
      }
    }
    var count = readDigits()
    var exponent = 0
    if !isAtEnd(), place.pointee == mark {
      place += 1
      let decimals = readDigits()
      count += decimals
      exponent = -decimals
    }
    if count == 0 { return Self.named(field) }
    if !isAtEnd() {
      guard place.pointee | 0x20 == UInt8(ascii: "e") else { return nil }
      place += 1
      guard let written = Self.exponent(place, end) else { return nil }
      exponent += written
    }
    // Digits beyond 19 have overflown.
    if count <= 19 {
      if digits < 1 << 53, -22...22 ~= exponent {
        let value =
          exponent < 0
          ? Double(digits) / exact[-exponent] : Double(digits) * exact[exponent]
        return isNegative ? -value : value
      }
      if let value = PowersOfTen.nearest(digits, exponent) { return isNegative ? -value : value }
    }
    return slowNumber(field)
  }

  /// A whole number with or without a sign, at most so large that sums of two do not overflow.
  private static func exponent(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> Int? {
    var place = start
    let isNegative = place < end && place.pointee == UInt8(ascii: "-")
    if isNegative || (place < end && place.pointee == UInt8(ascii: "+")) { place += 1 }
    guard place < end else { return nil }
    var value = 0
    while place < end {
      let digit = place.pointee &- 48
      guard digit < 10 else { return nil }
      value = min(10 * value + Int(digit), 1 << 32)
      place += 1
    }
    return isNegative ? -value : value
  }

  private func slowNumber(_ field: UnsafeBufferPointer<UInt8>) -> Double? {
    let point = UInt8(ascii: ".")
    return Double(String(decoding: field.map { $0 == mark ? point : $0 }, as: UTF8.self))
  }

  /// Infinity and NaN by their names.
  private static func named(_ field: UnsafeBufferPointer<UInt8>) -> Double? {
    guard 3...9 ~= field.count else { return nil }
    let text = String(decoding: field, as: UTF8.self).lowercased()
    let isNegative = text.hasPrefix("-")
    switch isNegative || text.hasPrefix("+") ? String(text.dropFirst()) : text {
    case "inf", "infinity": return isNegative ? -.infinity : .infinity
    case "nan": return .nan
    default: return nil
    }
  }
}

/// The decimal digits at a place, at most eight of them, read at once.
private struct DigitRun {
  let count: Int
  let value: UInt64

  @inline(__always)
  init(at place: UnsafePointer<UInt8>, before end: UnsafePointer<UInt8>) {
    let word = UInt64(littleEndian: UnsafeRawPointer(place).loadUnaligned(as: UInt64.self))
    // Digits become 0 to 9; what is larger has its top bit set by the addition, or has it already.
    let digits = word ^ 0x3030_3030_3030_3030
    let others = (digits | ((digits & 0x7F7F_7F7F_7F7F_7F7F) &+ 0x7676_7676_7676_7676)) & 0x8080_8080_8080_8080
    count = min(others.trailingZeroBitCount / 8, end - place)
    // Moved up against the end, with zeros before them, and joined in pairs three times.
    var sum = count == 0 ? 0 : digits << UInt64(64 - 8 * count)
    sum = (sum &* 10 &+ (sum >> 8)) & 0x00FF_00FF_00FF_00FF
    sum = (sum &* 100 &+ (sum >> 16)) & 0x0000_FFFF_0000_FFFF
    value = (sum &* 10_000 &+ (sum >> 32)) & 0xFFFF_FFFF
  }
}

/// Powers of ten as the quick ways of reading a number need them.
private enum PowersOfTen {
  /// Those that a double holds exactly.
  static let exact: [Double] = (0...22).map { power in (0..<power).reduce(1) { value, _ in 10 * value } }

  /// The first of them as integers.
  static let whole: [UInt64] = (0...8).map { power in (0..<power).reduce(1) { value, _ in 10 * value } }

  /// The exponents for which 128 bits of 5^q are kept.
  private static let exponents = -60...55

  /// The leading 128 bits of 5^q, high and low half in turn: exact for q >= 0, else rounded up.
  private static let leadingBits: [UInt64] = exponents.flatMap { exponent -> [UInt64] in
    let bits = exponent < 0 ? reciprocal(ofFiveToThe: -exponent) : power(ofFive: exponent)
    return [UInt64(bits >> 64), UInt64(truncatingIfNeeded: bits)]
  }

  /// 5^q with its first bit in front.
  private static func power(ofFive exponent: Int) -> UInt128 {
    let power = (0..<exponent).reduce(UInt128(1)) { value, _ in 5 * value }
    return power << UInt128(power.leadingZeroBitCount)
  }

  /// The leading 128 bits of 5^-q, rounded up: long division, bit by bit, of a power of two by 5^q.
  private static func reciprocal(ofFiveToThe exponent: Int) -> UInt128 {
    // 5^60 has 140 bits: the divisor is kept as two halves.
    var divisor: (high: UInt128, low: UInt128) = (0, 1)
    for _ in 0..<exponent {
      let product = divisor.low.multipliedFullWidth(by: 5)
      divisor = (divisor.high * 5 + product.high, product.low)
    }
    // The remainder starts at the largest power of two below the divisor.
    let bits =
      divisor.high > 0 ? 256 - divisor.high.leadingZeroBitCount : 128 - divisor.low.leadingZeroBitCount
    var remainder: (high: UInt128, low: UInt128) =
      bits > 128 ? (1 << (bits - 129), 0) : (0, 1 << (bits - 1))
    var quotient: UInt128 = 0
    for _ in 0..<128 {
      remainder = (remainder.high << 1 | remainder.low >> 127, remainder.low << 1)
      quotient <<= 1
      if remainder.high > divisor.high || (remainder.high == divisor.high && remainder.low >= divisor.low) {
        let (low, borrow) = remainder.low.subtractingReportingOverflow(divisor.low)
        remainder = (remainder.high - divisor.high - (borrow ? 1 : 0), low)
        quotient |= 1
      }
    }
    return quotient + 1
  }

  /// The double nearest to digits times 10^exponent, or nil where this way cannot tell or the number is not normal.
  static func nearest(_ digits: UInt64, _ exponent: Int) -> Double? {
    if digits == 0 { return 0 }
    guard exponents ~= exponent else { return nil }
    let place = 2 * (exponent - exponents.lowerBound)
    let shift = digits.leadingZeroBitCount
    let number = digits << UInt64(shift)
    var (high, low) = number.multipliedFullWidth(by: leadingBits[place])
    // Where the bits below the 55 that count are all ones, the rest of the power may carry into them.
    if high & 0x1FF == 0x1FF {
      let rest = number.multipliedFullWidth(by: leadingBits[place + 1])
      let (sum, carries) = low.addingReportingOverflow(rest.high)
      low = sum
      if carries { high += 1 }
      if low == .max, exponent < -27 { return nil }
    }
    let top = Int(high >> 63)
    var fraction = high >> UInt64(top + 9)
    // floor(log2 10^exponent), by 217706/2^16.
    let binary = (217_706 * exponent) >> 16 + 63 + top - shift + 1023
    guard 1..<2047 ~= binary else { return nil }
    // Halfway between two doubles, which only small exponents reach, the even one is nearest.
    if low <= 1, -4...23 ~= exponent, fraction & 3 == 1, fraction << UInt64(top + 9) == high { fraction &= ~1 }
    fraction = (fraction + fraction & 1) >> 1
    // Rounded up to the next power of two, the fraction is all zeros and the exponent one more, as addition has it.
    let bits = UInt64(binary - 1) << 52 + fraction
    return bits < 0x7FF << 52 ? Double(bitPattern: bits) : nil
  }
}
