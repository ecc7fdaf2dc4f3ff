import LangevinCore

/// How targets are understood.
public enum TargetKind: String, CaseIterable, Sendable {
  /// Classes where a file stores integers, and in a table where all are whole numbers from 0 to 65535, or all are
  /// names and some come twice; otherwise values.
  ///
  /// The first row of a table says whether its targets are numbers or names, and all others must be of the same kind: a
  /// single text among numbers, or number among names, is an error. Names become classes 0, 1, ... sorted by their
  /// bytes; spaces around them do not count.
  case automatic
  /// Classes: whole numbers from 0, or in a table names.
  case classes
  /// Real numbers.
  case values
}

/// How files are turned into a data set.
public struct ReadingOptions: Hashable, Sendable {
  /// Whether inputs stored as bytes (pixels) are divided by 255.
  public var scalesBytes = true
  /// How targets are understood.
  public var targets = TargetKind.automatic
  /// The number of classes, where labels are numbers; nil for one more than the largest label in training.
  public var classes: Int?
  /// The names of classes 0, 1, ...: what a table may hold as targets. Nil for those that the training set has, in
  /// sorted order.
  public var classNames: [String]?
  /// The column of a table that holds the target, by name or position from 0; nil for the last. A negative position
  /// counts from the end.
  public var targetColumn: String?
  /// How tables are laid out.
  public var csv = CSVFormat()
  /// Which set of a folder that holds several, such as `emnist-letters`.
  public var subset: String?
  /// The most bytes that a compressed file may give; nil for 64 MiB and 128 times its size.
  public var decompressionLimit: Int?

  /// The usual way.
  public init() {}
}

extension Dataset {
  /// Reads a data set.
  ///
  /// `path` is one of
  /// - a folder in MNIST's naming: `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, the `t10k-` twins, each plain
  ///   or `.gz`, with a dot or a hyphen before `idx`, and a prefix as in EMNIST's `emnist-letters-train-...`;
  /// - a folder with `x_train.npy` and `y_train.npy`, and the `_test` and `_validation` twins, or `x.npy` and `y.npy`;
  /// - a table, `.csv` or `.tsv`, plain or `.gz`, with the target in the last column;
  /// - a folder with `train.csv`, and `test.csv` and `validation.csv`.
  ///
  /// - Throws: ``FileFormatError`` that names the file, the place in it, what was found and what was expected.
  public init(contentsOf path: String, _ options: ReadingOptions = ReadingOptions()) throws(FileFormatError) {
    var trimmed = Substring(path)
    while trimmed.count > 1, trimmed.hasSuffix("/") { trimmed.removeLast() }
    let path = String(trimmed)
    let name = String(path.split(separator: "/").last ?? "data")
    if !isFolder(path) {
      self.init(name, try DataReader(options).table(path))
      return
    }
    let files = try FolderFiles(path, subset: options.subset)
    guard let trainPair = files.pairs[.train] else {
      throw FileFormatError(
        .missing, path, found: "no training set", expected: "one beside the others")
    }
    let part: DataPart<Element> = try DataReader(options).part(trainPair)
    let train = part.examples
    func other(_ name: DatasetPart) throws(FileFormatError) -> Examples<Element>? {
      guard let pair = files.pairs[name] else { return nil }
      // What the training set settled holds for the other parts too.
      var options = options
      options.targets = train.targets.areClasses ? .classes : .values
      options.classes = train.targets.width
      options.classNames = part.classNames
      let examples: Examples<Element> = try DataReader(options).part(pair).examples
      guard examples.inputWidth == train.inputWidth, examples.targets.width == train.targets.width else {
        throw FileFormatError(
          .mismatch, pair.inputs, found: "\(examples.inputWidth) inputs and \(examples.targets.width) targets",
          expected: "\(train.inputWidth) and \(train.targets.width), as in training")
      }
      return examples
    }
    self.init(
      unchecked: name, train: train, test: try other(.test),
      validation: try other(.validation), classNames: part.classNames)
  }

  /// Reads inputs and targets from two files, each IDX or NPY, plain or compressed.
  public init(
    inputs: String, targets: String, _ options: ReadingOptions = ReadingOptions()
  ) throws(FileFormatError) {
    let name = String(inputs.split(separator: "/").last ?? "data")
    self.init(name, try DataReader(options).arrays(inputs: inputs, targets: targets))
  }

  private init(_ name: String, _ part: DataPart<Element>) {
    self.init(unchecked: name, train: part.examples, test: nil, validation: nil, classNames: part.classNames)
  }
}
