import LangevinCore

/// A shift and a scale for the inputs, fitted to training examples: afterwards these have mean 0 and variance 1.
///
/// A column that never changes is shifted only.
public struct Standardization: Hashable, Sendable {
  /// What has a mean and a variance of its own.
  public enum Scope: String, CaseIterable, Sendable {
    /// Each column: for measured quantities, each in its unit.
    case columns
    /// All inputs together: for pixels.
    case whole
  }

  /// The mean of each column.
  package let means: [Double]
  /// The standard deviation of each column, or 1 where it is 0.
  package let deviations: [Double]

  /// Means and standard deviations of the examples (population variance, divided by n).
  public init<Element: Scalar>(fittedTo examples: Examples<Element>, _ scope: Scope) {
    let width = examples.inputWidth
    func average(_ value: (Int, Double) -> Double) -> [Double] {
      var sums = [Double](repeating: 0, count: width)
      for row in 0..<examples.count {
        examples.withInput(row) { input in
          for column in 0..<width { sums[column] += value(column, Double(input[column])) }
        }
      }
      let means = sums.map { $0 / Double(examples.count) }
      return scope == .columns
        ? means : [Double](repeating: means.reduce(0, +) / Double(width), count: width)
    }
    let means = average { $1 }
    self.means = means
    deviations = average { ($1 - means[$0]) * ($1 - means[$0]) }.map { $0 > 0 ? $0.squareRoot() : 1 }
  }

  /// The examples, shifted and scaled.
  public func applied<Element: Scalar>(to examples: Examples<Element>) throws(LangevinError) -> Examples<Element> {
    guard examples.inputWidth == means.count else {
      throw .shape(of: "the inputs to standardise", found: [examples.inputWidth], expected: [means.count])
    }
    return try examples.mappingInputs(targets: examples.targets) { column, value in
      Element((Double(value) - means[column]) / deviations[column])
    }
  }
}

extension Dataset {
  /// The set with inputs of mean 0 and variance 1, judged by the training examples alone.
  public func standardized(_ scope: Standardization.Scope) throws(LangevinError) -> Dataset {
    let standardization = Standardization(fittedTo: train, scope)
    func applied(_ part: Examples<Element>?) throws(LangevinError) -> Examples<Element>? {
      guard let part else { return nil }
      return try standardization.applied(to: part)
    }
    return Dataset(
      unchecked: name, train: try standardization.applied(to: train), test: try applied(test),
      validation: try applied(validation), classNames: classNames)
  }
}
