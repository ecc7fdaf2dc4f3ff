import LangevinCore

/// Examples to learn from, with a name, and where there are any, examples to test and to validate with.
///
///     let digits = try Dataset<Float>(contentsOf: "mnist/")
///     let spins = try Spirals().make()
///     print(spins.summary)
///
/// In memory the inputs of each example start on a cache line, as the kernels read them.
public struct Dataset<Element: Scalar>: Sendable {
  /// What the set is called in reports.
  public var name: String
  /// The examples that a network is trained on.
  public let train: Examples<Element>
  /// Examples that no step of a sampler ever sees.
  public let test: Examples<Element>?
  /// Examples for choosing settings.
  public let validation: Examples<Element>?

  /// The names of the classes 0, 1, ..., where they have names.
  public let classNames: [String]?
  /// The table that the examples come from, where they do.
  package internal(set) var origin: TableOrigin?

  /// A set from its parts, which must fit together.
  init(
    unchecked name: String, train: Examples<Element>, test: Examples<Element>?, validation: Examples<Element>?,
    classNames: [String]? = nil, origin: TableOrigin? = nil
  ) {
    self.name = name
    self.train = train
    self.test = test
    self.validation = validation
    self.classNames = classNames
    self.origin = origin
  }

  /// A set from its parts, which must agree in the widths of inputs and targets and in the number of classes.
  public init(
    name: String, train: Examples<Element>, test: Examples<Element>? = nil, validation: Examples<Element>? = nil,
    classNames: [String]? = nil
  ) throws(LangevinError) {
    self.init(unchecked: name, train: train, test: test, validation: validation, classNames: classNames)
    if let classNames, classNames.count != classCount {
      throw .shape(of: "the class names of \(name)", found: [classNames.count], expected: [classCount ?? 0])
    }
    for (part, examples) in [("test", test), ("validation", validation)] {
      guard let examples else { continue }
      let expected = [train.inputWidth, train.targets.width]
      let found = [examples.inputWidth, examples.targets.width]
      guard found == expected, examples.targets.areClasses == train.targets.areClasses else {
        throw .shape(of: "the \(part) set of \(name) (inputs, targets)", found: found, expected: expected)
      }
    }
  }

  /// The width of an input.
  public var inputWidth: Int { train.inputWidth }

  /// The number of classes, or nil where the targets are real numbers.
  public var classCount: Int? {
    if case .classes(_, let count) = train.targets { count } else { nil }
  }

  /// The number of outputs that a network for this set has: one for each class, or one for each target.
  public var targetWidth: Int { train.targets.width }

  /// One line: name, sizes, kind of targets and fingerprint.
  public var summary: String {
    let sizes = [("train", train), ("test", test), ("validation", validation)].compactMap { part, examples in
      examples.map { "\($0.count) \(part)" }
    }
    let names = classNames.map { names in
      " (\(names.prefix(10).joined(separator: ", "))\(names.count > 10 ? ", ..." : ""))"
    }
    let values = "\(targetWidth) real target\(targetWidth == 1 ? "" : "s")"
    let targets = classCount.map { "\($0) classes" + (names ?? "") } ?? values
    return "\(name): \(sizes.joined(separator: " + ")), \(inputWidth) inputs, \(targets), fingerprint \(fingerprint)"
  }

  /// The same set in another precision.
  public func converted<Other: Scalar>(to type: Other.Type = Other.self) throws(LangevinError) -> Dataset<Other> {
    Dataset<Other>(
      unchecked: name, train: try train.converted(), test: try test?.converted(),
      validation: try validation?.converted(), classNames: classNames, origin: origin)
  }
}

extension Examples.Targets {
  /// The number of classes, or of target values of an example.
  public var width: Int {
    switch self {
    case .classes(_, let count): count
    case .values(let values): values.shape[1]
    }
  }

  var areClasses: Bool {
    if case .classes = self { true } else { false }
  }
}
