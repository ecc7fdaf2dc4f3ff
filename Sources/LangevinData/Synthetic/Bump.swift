import LangevinCore

/// Noisy values of exp(-x^2) on a grid: the regression of Adhikari, Kabakcioglu, Strang, Yuret and Hinczewski
/// (arXiv:2306.03521).
///
/// Test and validation values lie on the same grid, with noise of their own.
package struct Bump: SyntheticSet {
  /// What a recipe can say of it.
  package static let recipe = RecipeEntry<Self>(
    "bump", "noisy values of exp(-x^2) on a grid, a regression in one dimension",
    [
      .init("start", \.start, -1e6...1e6, "the first x"),
      .init("spacing", \.spacing, 1e-9...1e6, "the distance between two x"),
      .init("noise", \.noise, 0...1e6, "standard deviation of the noise on y"),
    ])

  /// The first x.
  package var start = -3.0
  /// The distance between two x.
  package var spacing = 0.03
  /// The standard deviation of the noise on y.
  package var noise = 0.1
  /// The sizes of its parts, and the seed.
  package var sizes = SetSizes(train: 200, test: 0)

  /// The set with its default parameters.
  package init() {}

  /// How the rows of one part are made.
  package func rows(of part: DatasetPart) -> SyntheticRows {
    let (start, spacing, noise) = (start, spacing, noise)
    return SyntheticRows(inputWidth: 1, targets: .values(1)) { row in
      let x = start + spacing * Double(row.index)
      row.inputs[0] = x
      row.targets[0] = PortableMath.exp(-x * x) + noise * row.random.normal()
    }
  }
}
