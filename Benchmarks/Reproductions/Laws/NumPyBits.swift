/// The random bits of NumPy's default generator, so that a data set which is specified by it can be made here.
///
/// PCG64, XSL-RR output (O'Neill, 2014), seeded by NumPy's SeedSequence from one number below 2^32.
struct NumPyBits {
  /// The 128-bit state and increment, in halves.
  private var high: UInt64 = 0
  private var low: UInt64 = 0
  private let increment: (high: UInt64, low: UInt64)
  private var waiting: UInt32?

  init(seed: UInt32) {
    let words = Self.seedWords(seed)
    increment = (words[2] << 1 | words[3] >> 63, words[3] << 1 | 1)
    step()
    add(words[0], words[1])
    step()
  }

  /// Four 64-bit words: the seed is spread over a pool of four 32-bit words, which are then mixed and hashed out.
  private static func seedWords(_ seed: UInt32) -> [UInt64] {
    var factor: UInt32 = 0x43B0_D7E5
    func hashed(_ value: UInt32) -> UInt32 {
      var value = value ^ factor
      factor &*= 0x931E_8875
      value &*= factor
      return value ^ value >> 16
    }
    var pool = [seed, 0, 0, 0].map(hashed)
    for source in 0..<4 {
      for target in 0..<4 where target != source {
        let mixed = 0xCA01_F9DD &* pool[target] &- 0x4973_F715 &* hashed(pool[source])
        pool[target] = mixed ^ mixed >> 16
      }
    }
    factor = 0x8B51_F9DD
    let words = (0..<8).map { index -> UInt64 in
      var value = pool[index % 4] ^ factor
      factor &*= 0x58F3_8DED
      value &*= factor
      return UInt64(value ^ value >> 16)
    }
    return (0..<4).map { words[2 * $0] | words[2 * $0 + 1] << 32 }
  }

  private mutating func add(_ otherHigh: UInt64, _ otherLow: UInt64) {
    let (sum, carry) = low.addingReportingOverflow(otherLow)
    low = sum
    high &+= otherHigh &+ (carry ? 1 : 0)
  }

  private mutating func step() {
    let (factorHigh, factorLow): (UInt64, UInt64) = (0x2360_ED05_1FC6_5DA4, 0x4385_DF64_9FCC_F645)
    let product = low.multipliedFullWidth(by: factorLow)
    high = product.high &+ low &* factorHigh &+ high &* factorLow
    low = product.low
    add(increment.high, increment.low)
  }

  private mutating func next() -> UInt32 {
    if let word = waiting {
      waiting = nil
      return word
    }
    step()
    let folded = high ^ low
    let turn = high >> 58
    let word = folded >> turn | folded << ((64 - turn) & 63)
    waiting = UInt32(truncatingIfNeeded: word >> 32)
    return UInt32(truncatingIfNeeded: word)
  }

  /// `integers(0, 2)`: the highest bit.
  mutating func bit() -> Int { Int(next() >> 31) }
}
