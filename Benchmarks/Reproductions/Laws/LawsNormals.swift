import Langevin

/// The tails of the normals, which too few bits or a coarse transform would cut off: counts over 10^8 draws.
enum LawsNormals {
  /// One-sided tails of the normal law.
  private static let tails: [(bound: Float, probability: Double)] = [
    (3, 1.349898031630095e-3), (4.5, 3.397673124730053e-6), (5, 2.866515719235352e-7), (5.5, 1.898956247803341e-8),
  ]

  static func tails(effort: Double = 1) throws -> [LawRow] {
    let random = RandomStream(seed: 11, purpose: .user)
    var draws = Tensor([Float](repeating: 0, count: 1 << 16))
    let chunks = max(1, Int(effort * 1e8) >> 16)
    var above = [Int](repeating: 0, count: tails.count)
    var below = above
    for chunk in 0..<chunks {
      random.fillNormals(&draws, step: UInt64(chunk))
      draws.withPointer { draws in
        for (index, tail) in tails.enumerated() {
          var (high, low) = (0, 0)
          for element in 0..<1 << 16 {
            high += draws[element] > tail.bound ? 1 : 0
            low += draws[element] < -tail.bound ? 1 : 0
          }
          above[index] += high
          below[index] += low
        }
      }
    }
    return tails.indices.flatMap { index in
      let expected = tails[index].probability * Double(chunks << 16)
      return [("above", above[index]), ("below -", below[index])].map { side, count in
        LawRow(
          name: "normals \(side) \(tails[index].bound), of \(chunks << 16)", value: Double(count), expected: expected,
          standardError: expected.squareRoot())
      }
    }
  }
}
