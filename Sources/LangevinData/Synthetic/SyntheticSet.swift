import LangevinCore

/// A data set that is made instead of read: a value with named parameters.
///
///     var set = Spirals()
///     set.turns = 2
///     let data = try set.make()
///
/// Every number comes from a counter-based stream keyed by the seed, so the same parameters give the same bits on any
/// machine and at any thread count, and a longer set begins with the shorter one where its rows do not depend on the
/// count. Training, test and validation rows come from streams of their own; what they share (reference vectors, a
/// teacher's weights) from a fourth.
public protocol SyntheticSet: Hashable, Sendable {
  /// The name by which a recipe calls for the set, a line about it, and its parameters.
  static var recipe: RecipeEntry<Self> { get }
  /// Settings of a run on this set that take the place of the usual defaults, by their names in a configuration; by default
  /// none. A sampler's settings, `sampler.NAME`, count for every sampler that has them.
  static var recommendedSettings: [String: String] { get }
  /// The set with its default parameters.
  init()

  /// The sizes of its parts, and what all numbers are derived from.
  var sizes: SetSizes { get set }

  /// How the rows of one part are made; throws where parameters do not fit together.
  func rows(of part: DatasetPart) throws(LangevinError) -> SyntheticRows
  /// What no classifier can beat, where that is known; by default nil.
  func bestPossible() throws(LangevinError) -> BayesLimits?
}

extension SyntheticSet {
  /// None.
  public static var recommendedSettings: [String: String] { [:] }
  /// Not known.
  public func bestPossible() throws(LangevinError) -> BayesLimits? { nil }
}

/// What no classifier can beat, estimated on examples that were not used for anything else.
public struct BayesLimits: Hashable, Sendable {
  /// The smallest possible share of wrong answers.
  package let error: Double
  /// The standard error of ``error``.
  package let errorUncertainty: Double
  /// The smallest possible mean of -log p(class), the entropy of the class given the input.
  package let crossEntropy: Double
  /// The standard error of ``crossEntropy``.
  package let crossEntropyUncertainty: Double
}

/// How many examples each part of a synthetic set has, and the seed that they are made from.
public struct SetSizes: Hashable, Sendable {
  /// The number of training examples.
  public var train: Int
  /// The number of test examples; 0 for none.
  public var test: Int
  /// The number of validation examples; 0 for none.
  public var validation = 0
  /// What all numbers are derived from.
  public var seed: UInt64 = 0

  /// Sizes of training and test set.
  public init(train: Int, test: Int) {
    self.train = train
    self.test = test
  }
}

extension SyntheticSet {
  /// The number of training examples.
  public var train: Int {
    get { sizes.train }
    set { sizes.train = newValue }
  }
  /// The number of test examples; 0 for none.
  public var test: Int {
    get { sizes.test }
    set { sizes.test = newValue }
  }
  /// The number of validation examples; 0 for none.
  public var validation: Int {
    get { sizes.validation }
    set { sizes.validation = newValue }
  }
  /// What all numbers are derived from.
  public var seed: UInt64 {
    get { sizes.seed }
    set { sizes.seed = newValue }
  }
}

/// The three parts of a data set.
public enum DatasetPart: UInt64, CaseIterable, Sendable {
  /// What a network learns from.
  case train
  /// What no step of a sampler ever sees.
  case test
  /// What settings are chosen by.
  case validation
}

/// How the rows of a synthetic set are made: their widths, and a function that fills one.
public struct SyntheticRows: Sendable {
  enum Targets { case classes(Int), values(Int) }
  let inputWidth: Int
  let targets: Targets
  let fill: @Sendable (inout SyntheticRow) -> Void
}

/// One row to be filled, with the random numbers that belong to it.
struct SyntheticRow: ~Copyable {
  let index: Int
  let inputs: UnsafeMutableBufferPointer<Double>
  /// The class, or the real-valued targets.
  let targets: UnsafeMutableBufferPointer<Double>
  var random: RandomRow
}

extension SyntheticSet {
  package static var name: String { recipe.name }
  package static var line: String { recipe.line }
  /// All parameters: the set's own, and those that every set has.
  static var fields: [RecipeField<Self>] {
    recipe.fields + [
      .init("train", \.train, 1...Int(Int32.max), "training examples"),
      .init("test", \.test, 0...Int(Int32.max), "test examples"),
      .init("validation", \.validation, 0...Int(Int32.max), "validation examples"),
      .init("seed", \.seed, "what all numbers are derived from"),
    ]
  }

  func count(of part: DatasetPart) -> Int {
    switch part {
    case .train: train
    case .test: test
    case .validation: validation
    }
  }

  func stream(of part: DatasetPart) -> RandomStream {
    RandomStream(seed: seed, purpose: .data).substream(part.rawValue)
  }

  /// The stream of what all parts share.
  var sharedStream: RandomStream { RandomStream(seed: seed, purpose: .data).substream(3) }

  /// Makes the set.
  ///
  /// - Throws: ``LangevinError`` that names the first parameter outside its limits.
  public func make<Element: Scalar>(
    as type: Element.Type = Float.self, on pool: ThreadPool = .single
  ) throws(LangevinError) -> Dataset<Element> {
    for field in Self.fields { try field.check(self) }
    return Dataset(
      unchecked: Self.name, train: try examples(.train, on: pool),
      test: test == 0 ? nil : try examples(.test, on: pool),
      validation: validation == 0 ? nil : try examples(.validation, on: pool))
  }

  private func examples<Element: Scalar>(
    _ part: DatasetPart, on pool: ThreadPool
  ) throws(LangevinError) -> Examples<Element> {
    try rows(of: part).examples(count: count(of: part), from: stream(of: part), on: pool)
  }
}

extension SyntheticRows {
  /// Fills rows 0..<count, in parallel.
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  func examples<Element: Scalar>(
    count: Int, from stream: RandomStream, on pool: ThreadPool
  ) throws(LangevinError) -> Examples<Element> {
    let targetWidth = if case .values(let width) = targets { width } else { 1 }
    let made = try InputRows<Element>(count: count, width: inputWidth)
    var madeTargets = try Tensor<Double>(shape: [count, targetWidth])

    let block = 64
    madeTargets.withMutablePointer { base in
      pool.run(items: (count + block - 1) / block) { item in
        withUnsafeTemporaryAllocation(of: Double.self, capacity: inputWidth) { numbers in
          for index in item * block..<min(count, (item + 1) * block) {
            var row = SyntheticRow(
              index: index, inputs: numbers,
              targets: UnsafeMutableBufferPointer(start: base + index * targetWidth, count: targetWidth),
              random: RandomRow(stream, row: index))
            fill(&row)
            let input = made.row(index)
            for column in 0..<inputWidth { input[column] = Element(numbers[column]) }
          }
        }
      }
    }
    switch targets {
    case .classes(let classes):
      return try made.examples(targets: .classes(madeTargets.elements.map { Int32($0) }, count: classes))
    case .values:
      return try made.examples(targets: .values(madeTargets.converted()))
    }
  }
}
