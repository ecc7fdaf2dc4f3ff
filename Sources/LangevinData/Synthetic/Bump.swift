import LangevinCore

/// Noisy values of exp(-x^2) on a grid: the regression of Adhikari, Kabakcioglu, Strang, Yuret and Hinczewski
/// (arXiv:2306.03521).
///
/// Test and validation values lie on the same grid, with noise of their own.
public struct Bump: SyntheticSet {
  /// The name in a recipe.
  public static let name = "bump"
  /// One line about it.
  public static let line =
    "noisy values of exp(-x^2) on a grid, a regression in one dimension"
  /// The parameters of a recipe.
  public static let fields: [RecipeField<Self>] =
    [
      .init("start", \.start, -1e6...1e6, "the first x"),
      .init("spacing", \.spacing, 1e-9...1e6, "the distance between two x"),
      .init("noise", \.noise, 0...1e6, "standard deviation of the noise on y"),
    ] + commonFields

  /// The first x.
  public var start = -3.0
  /// The distance between two x.
  public var spacing = 0.03
  /// The standard deviation of the noise on y.
  public var noise = 0.1
  /// The number of training examples.
  public var train = 200
  /// The number of test examples.
  public var test = 0
  /// The number of validation examples.
  public var validation = 0
  /// What all numbers are derived from.
  public var seed: UInt64 = 0

  /// The set with its default parameters.
  public init() {}

  /// How the rows of one part are made.
  public func rows(of part: DatasetPart) -> SyntheticRows {
    let (start, spacing, noise) = (start, spacing, noise)
    return SyntheticRows(inputWidth: 1, targets: .values(1)) { row in
      let x = start + spacing * Double(row.index)
      row.inputs[0] = x
      row.targets[0] = PortableMath.exp(-x * x) + noise * row.random.normal()
    }
  }
}
