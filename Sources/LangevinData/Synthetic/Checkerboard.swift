import LangevinCore

/// Points uniform in the square -1...1, coloured like a chessboard: two classes that no line parts.
package struct Checkerboard: SyntheticSet {
  /// What a recipe can say of it.
  package static let recipe = RecipeEntry<Self>(
    "checkerboard", "points of the plane coloured like a chessboard, two classes",
    [
      .init("cells", \.cells, 1...1_000_000, "squares along a side"),
      .init("flip", \.flipProbability, 0...1, "probability that a label is wrong"),
    ])

  /// The squares along a side.
  package var cells = 4
  /// The probability that a label is wrong.
  package var flipProbability = 0.0
  /// The sizes of its parts, and the seed.
  package var sizes = SetSizes(train: 1000, test: 1000)

  /// The set with its default parameters.
  package init() {}

  /// How the rows of one part are made.
  package func rows(of part: DatasetPart) -> SyntheticRows {
    let (cells, flipProbability) = (cells, flipProbability)
    return SyntheticRows(inputWidth: 2, targets: .classes(2)) { row in
      var squares = 0
      for axis in 0..<2 {
        let place = row.random.uniform()
        squares += Int(place * Double(cells))
        row.inputs[axis] = 2 * place - 1
      }
      let flipped = row.random.happens(flipProbability) ? 1 : 0
      row.targets[0] = Double((squares + flipped) % 2)
    }
  }
}
