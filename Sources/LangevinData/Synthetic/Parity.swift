import LangevinCore

/// k-sparse parity: the product of the first k coordinates of a corner of {-1,+1}^d, as a real target +-1.
///
/// The task on which mean-field theories of feature learning are tried (Goering, Mingard, Nam and Louis,
/// arXiv:2510.15174).
package struct Parity: SyntheticSet {
  /// What a recipe can say of it.
  package static let recipe = RecipeEntry<Self>(
    "parity", "the product of the first few of many signs, as a value",
    [
      .init("dimension", \.dimension, 1...(1 << 24), "coordinates"),
      .init("sparsity", \.sparsity, 0...(1 << 24), "coordinates that matter, the first ones"),
      .init("flip", \.flipProbability, 0...1, "probability that a target's sign is wrong"),
      .init("points", \.points, "random, or cube for corners without repeats"),
    ])

  /// The number d of coordinates.
  package var dimension = 20
  /// The number k of coordinates that matter.
  package var sparsity = 2
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
    try require(sparsity <= dimension, "'sparsity'", is: sparsity, expected: "at most the dimension, \(dimension)")
    return try hypercubeRows(
      of: part, dimension: dimension, terms: [WalshTerm(1, Array(0..<sparsity))], flipProbability: flipProbability,
      points: points)
  }
}
