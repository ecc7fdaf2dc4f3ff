import LangevinCore

/// Examples from a file for a network that is trained already.
package struct NewExamples<Element: Scalar> {
  /// The examples; zeros are their targets where the file has none.
  package private(set) var examples: Examples<Element>
  /// Whether the file has targets.
  package let hasTargets: Bool
  /// The row of the table that each example is, from 0 below the header; empty for arrays.
  package let rows: [Int]
  /// The table, for what else it says of the rows.
  package let table: Table?
  /// What was noticed, a line each.
  package let notes: [String]

  /// Reads a table with or without its target column, or the test set, or else the training set, of a folder.
  ///
  /// Without the rule of the training table its columns are taken as they stand.
  package init(
    contentsOf path: String, _ options: ReadingOptions, _ preprocessing: Preprocessing? = nil, inputWidth: Int,
    targetWidth: Int
  ) throws(FileFormatError) {
    guard !isFolder(path) else {
      let data = try Dataset<Element>(contentsOf: path, options)
      examples = data.test ?? data.train
      (hasTargets, rows, table, notes) = (true, data.origin?.testRows ?? [], nil, data.origin?.notes ?? [])
      return
    }
    let classes = options.classNames ?? options.classes.map { (0..<$0).map(String.init) }
    let plain = Preprocessing(
      inputCount: inputWidth, classes: options.targets == .values ? nil : classes,
      areNumbers: options.classNames == nil)
    let part: TableExamples<Element> = try (preprocessing ?? plain).examples(
      contentsOf: path, options, targetWidth: targetWidth)
    examples = part.examples
    (hasTargets, rows, table, notes) = (part.hasTargets, part.rows, part.table, part.notes)
  }

  /// The same with shifted and scaled inputs.
  package func standardized(by standardization: Standardization) throws(LangevinError) -> NewExamples {
    var new = self
    new.examples = try standardization.applied(to: examples)
    return new
  }
}
