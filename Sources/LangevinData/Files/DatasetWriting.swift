import LangevinCore

/// The formats in which a data set can be written to a folder.
public enum DatasetFormat: String, CaseIterable, Sendable {
  /// `x_train.npy` and `y_train.npy`, for NumPy.
  case npy
  /// `train-images-idx2-ubyte` and `train-labels-idx1-ubyte`, in MNIST's format and naming.
  case idx
  /// `train.csv`, for sets with one target, which is the last column.
  case csv
}

extension Dataset {
  /// Writes all parts to a folder, which is made if it is not there; ``init(contentsOf:_:)`` reads the same set back.
  ///
  /// Class names go into CSV files, beneath a header; in the other formats classes are numbers.
  /// Inputs that are pixels (multiples of 1/255 in 0...1) become bytes in IDX files; all else is stored in full
  /// precision.
  /// Compressed files have `.gz` after their names.
  public func write(to folder: String, as format: DatasetFormat, compressed: Bool = false) throws(FileFormatError) {
    try makeFolder(folder)
    for (part, examples) in [(DatasetPart.train, train), (.test, test), (.validation, validation)] {
      guard let examples else { continue }
      let writer = ExamplesWriter(
        examples: examples, classNames: classNames, folder: folder, ending: compressed ? ".gz" : "")
      switch format {
      case .npy: try writer.writeNPY(part.rawName)
      case .idx: try writer.writeIDX(part.rawName)
      case .csv: try writer.writeCSV(part.rawName)
      }
    }
  }
}

/// Writes one part of a data set.
private struct ExamplesWriter<Element: Scalar> {
  let examples: Examples<Element>
  let classNames: [String]?
  let folder: String
  let ending: String

  private var exactType: ElementType { MemoryLayout<Element>.size == 4 ? .float32 : .float64 }
  private var labelType: ElementType { examples.targets.width <= 256 ? .uint8 : .int32 }

  func writeNPY(_ part: String) throws(FileFormatError) {
    try NPYFile.write(matrix(), to: "\(folder)/x_\(part).npy\(ending)")
    try NPYFile.write(
      targets(), to: "\(folder)/y_\(part).npy\(ending)", as: examples.targets.areClasses ? labelType : exactType)
  }

  func writeIDX(_ part: String) throws(FileFormatError) {
    let inputs = try matrix()
    let pixels = pixels(inputs)
    try IDXFile.write(
      pixels ?? inputs, to: "\(folder)/\(part)-images-idx2-ubyte\(ending)", as: pixels == nil ? exactType : .uint8)
    let areClasses = examples.targets.areClasses
    try IDXFile.write(
      targets(), to: "\(folder)/\(part)-\(areClasses ? "labels-idx1" : "values-idx2")-ubyte\(ending)",
      as: areClasses ? labelType : exactType)
  }

  func writeCSV(_ part: String) throws(FileFormatError) {
    let path = "\(folder)/\(part).csv\(ending)"
    let targets = targets()
    guard targets.count == examples.count else {
      throw FileFormatError(
        .mismatch, path, found: "\(examples.targets.width) targets", expected: "one, the last column")
    }
    let sink = try ByteSink(path: path)
    let names = classNames?.map(csvField)
    if names != nil {
      let header = (0..<examples.inputWidth).map { "x\($0)" } + ["class"]
      try sink.write((header.joined(separator: ",") + "\n").utf8)
    }
    for row in 0..<examples.count {
      let target = names?[Int(targets[row])] ?? number(targets[row])
      let fields = examples.input(row).map(number) + [target]
      try sink.write((fields.joined(separator: ",") + "\n").utf8)
    }
    try sink.close()
  }

  /// A number as text with as many digits as it takes to read the same one, whole ones without a point.
  private func number(_ value: Element) -> String { Int32(exactly: value).map(\.description) ?? value.description }

  private func matrix() throws(FileFormatError) -> Tensor<Element> {
    try asFileError(folder) { () throws(LangevinError) in
      var matrix = try Tensor<Element>(shape: [examples.count, examples.inputWidth])
      for row in 0..<examples.count {
        examples.withInput(row) { input in
          for column in input.indices { matrix[row, column] = input[column] }
        }
      }
      return matrix
    }
  }

  private func targets() -> Tensor<Element> {
    switch examples.targets {
    case .classes(let labels, _): Tensor(labels.map { Element($0) })
    case .values(let values): values
    }
  }

  /// The inputs times 255 where each is exactly a pixel.
  private func pixels(_ inputs: Tensor<Element>) -> Tensor<Element>? {
    var pixels = inputs
    for index in 0..<inputs.count {
      let pixel = (inputs[index] * 255).rounded()
      guard 0...255 ~= pixel, pixel / 255 == inputs[index] else { return nil }
      pixels[index] = pixel
    }
    return pixels
  }
}

/// Text as a field of a CSV file: in quotes where it needs them.
package func csvField(_ text: String) -> String {
  // By bytes: as characters, CR and LF in succession are one.
  guard text.utf8.contains(where: { ",;\t\"\n\r".utf8.contains($0) }) else { return text }
  return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
}
