import CLangevinKernels
import LangevinCore

/// The random numbers of one row of a synthetic set, drawn in order.
///
/// A row's numbers are those of one step of a counter-based stream, so rows may be made in any order, by any number of
/// threads, and row 7 is the same in a set of ten and in one of a million.
struct RandomRow: ~Copyable {
  private static let capacity = 32
  private let key: lk_noise_key
  private let words: UnsafeMutablePointer<UInt32>
  private var drawn: UInt64 = 0
  private var spareNormal: Double?

  init(_ stream: RandomStream, row: Int) {
    key = stream.noiseKey(step: UInt64(row))
    words = .allocate(capacity: Self.capacity)
  }

  deinit { words.deallocate() }

  /// 32 random bits.
  mutating func word() -> UInt32 {
    let place = Int(drawn % UInt64(Self.capacity))
    if place == 0 { lk_random_words(key, drawn, Self.capacity, words) }
    drawn += 1
    return words[place]
  }

  /// A uniform in the open interval (0, 1): the middle of one of 2^52 equal intervals.
  mutating func uniform() -> Double {
    let (high, low) = (word(), word())
    return (Double((UInt64(high) << 32 | UInt64(low)) >> 12) + 0.5) * 0x1p-52
  }

  /// A uniform in a range.
  mutating func uniform(_ low: Double, _ high: Double) -> Double { low + (high - low) * uniform() }

  /// A standard normal (Box and Muller).
  mutating func normal() -> Double {
    if let spare = spareNormal {
      spareNormal = nil
      return spare
    }
    let radius = (-2 * PortableMath.log(uniform())).squareRoot()
    let (cosine, sine) = PortableMath.cosineAndSine(turns: uniform())
    spareNormal = radius * sine
    return radius * cosine
  }

  /// An integer in 0..<bound; the bias is bound/2^64.
  mutating func integer(below bound: Int) -> Int {
    let (high, low) = (word(), word())
    return Int((UInt64(high) << 32 | UInt64(low)).multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// Whether an event of this probability happens.
  mutating func happens(_ probability: Double) -> Bool { uniform() < probability }

  /// +1 or -1.
  mutating func sign() -> Double { word() & 1 == 0 ? 1 : -1 }
}
