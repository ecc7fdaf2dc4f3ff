/// The files of a folder that make a data set, recognised by their names.
struct FolderFiles {
  /// Inputs and their targets: two files, or a table that holds both.
  struct Pair: Equatable {
    var inputs: String
    var targets: String?
  }
  /// The parts that are there.
  private(set) var pairs: [DatasetPart: Pair] = [:]

  private let folder: String
  private let names: [String]

  init(_ folder: String, subset: String?) throws(FileFormatError) {
    guard let names = namesInFolder(folder) else { throw systemError(folder, "listing it") }
    self.folder = folder
    self.names = names
    for part in DatasetPart.allCases { pairs[part] = npy("_\(part.rawName)") ?? csv(part.rawName) }
    if pairs.isEmpty { pairs[.train] = npy("") }
    if pairs.isEmpty { pairs = try idx(subset: subset) }
  }

  /// The file of that name, plain or compressed.
  private func file(_ name: String) -> String? {
    [name, name + ".gz"].first(where: names.contains).map { folder + "/" + $0 }
  }

  private func npy(_ ending: String) -> Pair? {
    guard let inputs = file("x\(ending).npy"), let targets = file("y\(ending).npy") else { return nil }
    return Pair(inputs: inputs, targets: targets)
  }

  private func csv(_ name: String) -> Pair? {
    (file(name + ".csv") ?? file(name + ".tsv")).map { Pair(inputs: $0, targets: nil) }
  }

  /// MNIST's naming: a prefix, the part, and what the file holds.
  private func idx(subset: String?) throws(FileFormatError) -> [DatasetPart: Pair] {
    var sets: [String: [DatasetPart: Pair]] = [:]
    for name in names {
      let plain = name.hasSuffix(".gz") ? String(name.dropLast(3)) : name
      for (word, part) in [("train", .train), ("t10k", .test), ("test", .test), ("validation", DatasetPart.validation)]
      {
        for dot in ["-", "."] {
          guard let prefix = Self.prefix(of: plain, before: "\(word)-images\(dot)idx") else { continue }
          let labels = "\(prefix)\(word)-labels\(dot)idx1-ubyte"
          let values = "\(prefix)\(word)-values\(dot)idx2-ubyte"
          guard let targets = file(labels) ?? file(values) else {
            throw error(.missing, "'\(name)' without its labels", "'\(labels)' or '\(labels).gz' beside it")
          }
          sets[prefix, default: [:]][part] = Pair(inputs: file(plain) ?? name, targets: targets)
        }
      }
    }
    func title(_ prefix: String) -> String { prefix.hasSuffix("-") ? String(prefix.dropLast()) : prefix }
    let prefixes = sets.keys.sorted().filter { subset == nil || title($0) == subset }
    guard let prefix = prefixes.first, let pairs = sets[prefix] else {
      throw error(
        .missing, subset.map { "no set '\($0)'" } ?? "no data set",
        "train-images-idx3-ubyte and train-labels-idx1-ubyte, x.npy and y.npy, or train.csv")
    }
    guard prefixes.count == 1 else {
      let titles = prefixes.map(title).joined(separator: ", ")
      throw error(.mismatch, "several sets: \(titles)", "one, or the name of one of them as subset")
    }
    return pairs
  }

  /// What stands before `part` in a name, where only a digit and `-ubyte` follow it.
  private static func prefix(of name: String, before part: String) -> String? {
    let ending = name.utf8.suffix(part.utf8.count + 7)
    guard ending.starts(with: part.utf8), name.hasSuffix("-ubyte"), ending.count == part.utf8.count + 7 else {
      return nil
    }
    return String(name[..<ending.startIndex])
  }

  private func error(_ problem: FileFormatError.Problem, _ found: String, _ expected: String) -> FileFormatError {
    FileFormatError(problem, folder, found: found, expected: expected)
  }
}

extension DatasetPart {
  /// The part's name in file names.
  var rawName: String {
    switch self {
    case .train: "train"
    case .test: "test"
    case .validation: "validation"
    }
  }
}
