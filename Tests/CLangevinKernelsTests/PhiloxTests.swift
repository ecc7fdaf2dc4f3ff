import CLangevinKernels
import Testing

@Suite struct PhiloxTests {
  /// Counter, key and output of the reference implementation (Salmon et al., SC'11).
  static let knownAnswers: [([UInt32], [UInt32], [UInt32])] = [
    ([0, 0, 0, 0], [0, 0], [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
    (
      [0xffff_ffff, 0xffff_ffff, 0xffff_ffff, 0xffff_ffff], [0xffff_ffff, 0xffff_ffff],
      [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]
    ),
    (
      [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344], [0xa409_3822, 0x299f_31d0],
      [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
    ),
  ]

  static func block(_ number: UInt32, of key: lk_noise_key) -> [UInt32] {
    let counter = [number, key.lane, UInt32(truncatingIfNeeded: key.step), UInt32(key.step >> 32)]
    var words = [UInt32](repeating: 0, count: 4)
    lk_philox(counter, [UInt32(truncatingIfNeeded: key.key), UInt32(key.key >> 32)], &words)
    return words
  }

  @Test(arguments: knownAnswers)
  func knownAnswer(counter: [UInt32], key: [UInt32], expected: [UInt32]) {
    var words = [UInt32](repeating: 0, count: 4)
    lk_philox(counter, key, &words)
    #expect(words == expected)
  }

  /// The same answers from the vectorised stream: the counter is (block, lane, step low, step high).
  @Test(arguments: InstructionSet.available)
  func knownAnswersInStream(set: InstructionSet) {
    for (counter, key, expected) in Self.knownAnswers {
      let key = lk_noise_key(
        key: UInt64(key[1]) << 32 | UInt64(key[0]), step: UInt64(counter[3]) << 32 | UInt64(counter[2]),
        lane: counter[1])
      var words = [UInt32](repeating: 0, count: 4)
      set.run { lk_random_words(key, 4 * UInt64(counter[0]), 4, &words) }
      #expect(words == expected)
    }
  }

  @Test(arguments: InstructionSet.available)
  func streamFromAnywhere(set: InstructionSet) {
    let key = lk_noise_key(key: 0x0123_4567_89ab_cdef, step: 0xfedc_ba98_7654_3210, lane: 3)
    let firstBlock: UInt32 = 1_000_003
    let all = (0..<40).flatMap { Self.block(firstBlock + $0, of: key) }
    for start in 0..<40 {
      for count in [0, 1, 2, 3, 4, 5, 31, 32, 33, 100] {
        var words = [UInt32](repeating: 0, count: count + 1)
        set.run { lk_random_words(key, 4 * UInt64(firstBlock) + UInt64(start), count, &words) }
        #expect(words == Array(all[start..<start + count]) + [0], "start \(start), count \(count)")
      }
    }
  }

  @Test(arguments: InstructionSet.available)
  func uniformsOfTheirWords(set: InstructionSet) {
    let key = lk_noise_key(key: 77, step: 5, lane: 1)
    var words = [UInt32](repeating: 0, count: 400)
    lk_random_words(key, 0, 400, &words)
    let single = words.map { (Float($0 >> 9) + 0.5) / 0x1p23 }
    let double = (0..<200).map { i -> Double in
      let both = UInt64(words[2 * i + 1]) << 32 | UInt64(words[2 * i])
      return (Double(both >> 12) + 0.5) / 0x1p52
    }
    for first in [0, 1, 7, 64] {
      #expect(set.run { Float.uniforms(key, first: first, count: 130) } == Array(single[first..<first + 130]))
      #expect(set.run { Double.uniforms(key, first: first, count: 130) } == Array(double[first..<first + 130]))
    }
  }

  @Test func uniformsAreUniform() {
    let count = 100_000
    let u = Double.uniforms(lk_noise_key(key: 1, step: 0, lane: 0), first: 0, count: count)
    #expect(u.allSatisfy { $0 > 0 && $0 < 1 })
    let z = 4.9
    let mean = u.reduce(0, +) / Double(count)
    #expect(abs(mean - 0.5) < z * (1 / 12.0 / Double(count)).squareRoot())
    let square = u.reduce(0) { $0 + $1 * $1 } / Double(count)
    #expect(abs(square - 1 / 3.0) < z * (4 / 45.0 / Double(count)).squareRoot())
  }
}
