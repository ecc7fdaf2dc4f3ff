/// The negative log-likelihood of one example, up to a constant, as a function of what a network says of it.
///
/// The likelihoods of ``Loss`` are built in, with kernels for whole tiles of examples. One of your own is asked for one
/// example at a time, in double precision, which is slower; everything else works with it as with those.
///
///     struct Laplace: LossFunction {
///       let name = "laplace"
///       func value(of outputs: [Double], target: [Double], gradient: inout [Double]) -> Double {
///         gradient[0] = outputs[0] < target[0] ? -1 : 1
///         return abs(outputs[0] - target[0])
///       }
///     }
///     let posterior = try Posterior(network, examples: examples, loss: Laplace(), prior: .gaussian(precision: 0.01))
public protocol LossFunction: Sendable {
  /// What it is called in messages.
  var name: String { get }
  /// What it compares outputs with; real numbers by default.
  var targets: LossTargets { get }
  /// The outputs that a network has for so many targets or classes; one for each by default.
  func outputCount(targets: Int) -> Int
  /// The loss of one example, whose gradient by the outputs is written to `gradient`.
  ///
  /// A class is one number, its place among the classes.
  func value(of outputs: [Double], target: [Double], gradient: inout [Double]) -> Double
  /// The product of the Hessian by the outputs with a direction; by default from differences of gradients.
  func curvature(of outputs: [Double], target: [Double], times direction: [Double], into product: inout [Double])
  /// What ``value(of:target:gradient:)`` leaves out of -log p(target); 0 by default.
  func constant(target: [Double]) -> Double
}

/// What a loss compares the outputs of a network with.
public enum LossTargets: Sendable {
  /// One of several classes.
  case classes
  /// Real numbers.
  case values
  /// Counts: 0, 1, 2, ...
  case counts
  /// Numbers from 0 to 1: labels that hold or not, each by itself.
  case shares
}

extension LossFunction {
  /// Real numbers.
  public var targets: LossTargets { .values }

  /// As many as targets.
  public func outputCount(targets: Int) -> Int { targets }

  /// Central differences of the gradient, with a step that suits double precision.
  public func curvature(
    of outputs: [Double], target: [Double], times direction: [Double], into product: inout [Double]
  ) {
    let length = direction.reduce(0) { max($0, $1.magnitude) }
    guard length > 0 else { return product = direction.map { _ in 0 } }
    let size = outputs.reduce(1) { max($0, $1.magnitude) }
    let step = 6e-6 * size / length
    var below = product
    _ = value(of: zip(outputs, direction).map { $0 + step * $1 }, target: target, gradient: &product)
    _ = value(of: zip(outputs, direction).map { $0 - step * $1 }, target: target, gradient: &below)
    for index in product.indices { product[index] = (product[index] - below[index]) / (2 * step) }
  }

  /// 0
  public func constant(target: [Double]) -> Double { 0 }

  /// Whether targets are classes.
  package var isForClasses: Bool { targets == .classes }
}

extension LossTargets {
  /// In words.
  package var words: String {
    switch self {
    case .classes: "classes"
    case .values: "real values"
    case .counts: "counts, 0, 1, 2, ..."
    case .shares: "numbers from 0 to 1"
    }
  }

  /// Whether a number is such a target.
  func allows(_ number: Double) -> Bool {
    switch self {
    case .classes, .values: true
    case .counts: number >= 0 && number == number.rounded()
    case .shares: 0...1 ~= number
    }
  }
}

extension LossFunction {
  /// Throws unless the loss can compare such outputs with such targets.
  func check<Element>(_ targets: Examples<Element>.Targets, outputs: Int) throws(LangevinError) {
    switch targets {
    case .classes(_, let classes):
      guard isForClasses else {
        throw .value(of: "the targets", found: "classes", expected: "\(self.targets.words) with the loss \(name)")
      }
      let expected = outputCount(targets: classes)
      if expected == 1 {
        try require(classes == 2, "the number of classes", is: classes, expected: "2 with the loss \(name)")
      }
      try require(
        outputs == expected, "the number of outputs", is: outputs,
        expected: "\(expected)\(expected == 1 ? "" : ", one for each class,") with the loss \(name)")
    case .values(let values):
      guard !isForClasses else {
        throw .value(of: "the targets", found: "real values", expected: "classes with the loss \(name)")
      }
      let width = values.shape[1]
      let expected = outputCount(targets: width)
      try require(
        outputs == expected, "the number of outputs", is: outputs,
        expected: "\(expected) for \(width) target\(width == 1 ? "" : "s") with the loss \(name)")
      if self.targets == .values { return }
      for place in 0..<values.count where !self.targets.allows(Double(values[place])) {
        throw .value(
          of: "a target in example \(place / width), column \(place % width)", found: "\(values[place])",
          expected: "\(self.targets.words) with the loss \(name)")
      }
    }
  }
}
