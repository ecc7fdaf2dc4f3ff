import LangevinCore

/// A sum of Walsh functions on the hypercube {-1,+1}^d: products of coordinates, each with a coefficient.
///
/// As text, `0-1+0.5*2-3-4` is x_0 x_1 + 0.5 x_2 x_3 x_4; `2*` alone is the constant 2.
package struct Walsh: SyntheticSet {
  /// What a recipe can say of it.
  package static let recipe = RecipeEntry<Self>(
    "walsh", "a sum of products of signs, as a value",
    [
      .init("dimension", \.dimension, 1...(1 << 24), "coordinates"),
      .init("terms", \.terms, "products of coordinates, such as 0-1+0.5*2-3-4"),
      .init("flip", \.flipProbability, 0...1, "probability that a target's sign is wrong"),
      .init("points", \.points, "random, or cube for corners without repeats"),
    ])

  /// The number d of coordinates.
  package var dimension = 20
  /// The sum, as text.
  package var terms = "0-1"
  /// The probability that a target's sign is wrong.
  package var flipProbability = 0.0
  /// Where the points come from.
  package var points = HypercubePoints.random
  /// The sizes of its parts, and the seed.
  package var sizes = SetSizes(train: 400, test: 4000)

  /// The set with its default parameters.
  package init() {}

  /// How the rows of one part are made.
  package func rows(of part: DatasetPart) throws(LangevinError) -> SyntheticRows {
    try hypercubeRows(
      of: part, dimension: dimension, terms: try parsedTerms(), flipProbability: flipProbability, points: points)
  }

  private func parsedTerms() throws(LangevinError) -> [WalshTerm] {
    var parsed: [WalshTerm] = []
    for text in terms.split(separator: "+", omittingEmptySubsequences: false) {
      let factors = text.split(separator: "*", maxSplits: 1, omittingEmptySubsequences: false)
      let coefficient = factors.count == 2 ? Double(factors[0]) : 1
      let parts = factors[factors.count - 1].split(separator: "-", omittingEmptySubsequences: false)
      let coordinates = factors.count == 2 && factors[1].isEmpty ? [] : parts.map { Int($0) ?? -1 }
      guard let coefficient, coefficient.isFinite, coordinates.allSatisfy((0..<dimension).contains),
        Set(coordinates).count == coordinates.count
      else {
        throw .value(
          of: "a term of 'terms'", found: "'\(text)'",
          expected: "coefficient*coordinates such as 0.5*2-3-4, each coordinate once, from 0 to \(dimension - 1)")
      }
      parsed.append(WalshTerm(coefficient, coordinates))
    }
    return parsed
  }
}
