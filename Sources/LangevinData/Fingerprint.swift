import LangevinCore

/// 64 bits that say whether two data sets have the same content: a run's settings hold them.
///
/// The fingerprint covers widths, counts, inputs, targets and weights, rounded to single precision, but no names and no padding.
/// So it is the same on every machine, at every thread count and in both precisions. It guards against mistakes, not
/// against malice.
package struct Fingerprint: Hashable, Sendable, LosslessStringConvertible {
  /// The bits.
  package let bits: UInt64

  /// Reads what ``description`` writes.
  package init?(_ text: String) {
    guard text.utf8.count == 16, let bits = UInt64(text, radix: 16) else { return nil }
    self.bits = bits
  }

  /// Sixteen hexadecimal digits.
  package var description: String {
    let digits = String(bits, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  init(_ hash: ContentHash) { bits = hash.state }
}

/// A hash of 64-bit words in their order: a multiplication carries each word's bits up, a shift brings them down again.
struct ContentHash {
  private(set) var state: UInt64 = 0x6C61_6E67_6576_696E

  @inline(__always)
  mutating func add(_ word: UInt64) {
    state = (state ^ word) &* 0xD6E8_FEB8_6659_FD93
    state ^= state >> 32
  }

  mutating func add(_ number: Int) { add(UInt64(bitPattern: Int64(number))) }

  /// Numbers in pairs, as single precision.
  @inline(__always)
  mutating func add<Element: Scalar>(_ numbers: UnsafeBufferPointer<Element>) {
    for index in stride(from: 0, to: numbers.count - 1, by: 2) {
      let (first, second) = (Float(numbers[index]).bitPattern, Float(numbers[index + 1]).bitPattern)
      add(UInt64(first) | UInt64(second) << 32)
    }
    if numbers.count % 2 == 1 { add(UInt64(Float(numbers[numbers.count - 1]).bitPattern)) }
  }
}

extension Dataset {
  /// The fingerprint of all parts.
  ///
  /// - Complexity: O(*n*), the whole set is read: keep the value rather than ask again.
  package var fingerprint: Fingerprint {
    var hash = ContentHash()
    for part in [train, test, validation] {
      if let part { part.add(to: &hash) } else { hash.add(0) }
    }
    return Fingerprint(hash)
  }
}

extension Examples {
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  func add(to hash: inout ContentHash) {
    hash.add(count)
    hash.add(inputWidth)
    for row in 0..<count {
      inputs.withPointer { hash.add(UnsafeBufferPointer(start: $0 + row * inputStride, count: inputWidth)) }
    }
    hash.add(targets.areClasses ? 1 : 2)
    hash.add(targets.width)
    switch targets {
    case .classes(let labels, _): for label in labels { hash.add(Int(label)) }
    case .values(let values): values.withPointer { hash.add(UnsafeBufferPointer(start: $0, count: values.count)) }
    }
    weights?.withUnsafeBufferPointer { hash.add($0) }
  }
}
