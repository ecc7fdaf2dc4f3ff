/// Why a matrix does not allow what is asked of it.
public enum MatrixError: Error, Hashable {
  /// Sizes that do not fit together.
  case shape(String, found: [Int], expected: [Int])
  /// A matrix that must be symmetric differs from its transpose by more than rounding: the worst place, and the
  /// difference there over the largest element.
  case notSymmetric(row: Int, column: Int, difference: Double)
  /// The factorisation met a pivot that is not above 0.
  case notPositiveDefinite(pivot: Int, value: Double)
  /// No pivot is left in a column, to rounding.
  case singular(pivot: Int)
  /// The drift does not contract, so C = A C A' + R has no positive solution.
  case notContracting
}

extension MatrixError: CustomStringConvertible {
  /// One sentence for the user.
  public var description: String {
    switch self {
    case .shape(let what, let found, let expected):
      "\(what) has shape \(found); expected \(expected)"
    case .notSymmetric(let row, let column, let difference):
      "elements (\(row), \(column)) and (\(column), \(row)) differ by \(difference) of the largest element; "
        + "expected a symmetric matrix"
    case .notPositiveDefinite(let pivot, let value):
      "pivot \(pivot) is \(value); expected a positive definite matrix"
    case .singular(let pivot):
      "column \(pivot) depends on those before it; expected a matrix with an inverse"
    case .notContracting:
      "the drift does not contract; expected eigenvalues of magnitude below 1"
    }
  }
}
