extension NetworkPass {
  /// The sum of the loss over a block whose forward pass is done; with `scale`, dU/d(result) goes to the last delta.
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  func loss(
    _ loss: Loss, _ block: PosteriorWorkspace<Element>.Block, _ targets: Examples<Element>.Targets, scale: Element?
  ) -> Double {
    let results = results(count: block.inputs.count)
    let delta = scale == nil ? nil : deltas[last]
    let scale = scale ?? 1
    switch targets {
    case .classes(let labels, _):
      return labels.withUnsafeBufferPointer { labels in
        guard let labels = block.targets(labels.baseAddress) else { return 0 }
        return loss == .crossEntropy
          ? kernels.crossEntropy(results, labels: labels, indices: block.rows, scale: scale, delta: delta)
          : kernels.binaryCrossEntropy(results, labels: labels, indices: block.rows, scale: scale, delta: delta)
      }
    case .values(let values):
      return values.withPointer { values in
        let rows = block.targets(values, width: loss == .gaussian ? results.width / 2 : results.width)
        return loss == .gaussian
          ? kernels.gaussian(results, targets: rows, scale: scale, delta: delta)
          : kernels.squaredError(results, targets: rows, scale: scale, delta: delta)
      }
    }
  }

  /// The number of wrong examples in a block whose forward pass is done; 0 where targets are real numbers.
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  func errors(_ block: PosteriorWorkspace<Element>.Block, _ targets: Examples<Element>.Targets) -> Int {
    guard case .classes(let labels, _) = targets else { return 0 }
    return labels.withUnsafeBufferPointer { labels in
      guard let labels = block.targets(labels.baseAddress) else { return 0 }
      return kernels.countErrors(results(count: block.inputs.count), labels: labels, indices: block.rows)
    }
  }
}

extension PosteriorWorkspace.Block {
  /// Labels are gathered by rows, or start at the block's place.
  func targets(_ labels: UnsafePointer<Int32>?) -> UnsafePointer<Int32>? {
    rows == nil ? labels.map { $0 + start } : labels
  }

  /// Target values likewise.
  func targets(_ values: UnsafePointer<Element>, width: Int) -> Kernels<Element>.Rows {
    Kernels<Element>.Rows(rows == nil ? values + start * width : values, stride: width, indices: rows)
  }
}

extension Loss {
  /// Throws unless the loss can compare such outputs with such targets.
  func check<Element>(_ targets: Examples<Element>.Targets, outputs: Int) throws(LangevinError) {
    switch (self, targets) {
    case (.crossEntropy, .classes(_, let classes)):
      try require(
        outputs == classes, "the number of outputs", is: outputs,
        expected: "\(classes), one for each class, with the loss \(rawValue)")
    case (.binaryCrossEntropy, .classes(_, let classes)):
      try require(outputs == 1, "the number of outputs", is: outputs, expected: "1 with the loss \(rawValue)")
      try require(classes == 2, "the number of classes", is: classes, expected: "2 with the loss \(rawValue)")
    case (.squaredError, .values(let values)):
      guard values.shape[1] == outputs else {
        throw .shape(of: "the target values", found: values.shape, expected: [values.shape[0], outputs])
      }
    case (.gaussian, .values(let values)):
      try require(
        outputs == 2 * values.shape[1], "the number of outputs", is: outputs,
        expected: "\(2 * values.shape[1]), a mean and a scale for each target, with the loss \(rawValue)")
    case (.squaredError, .classes), (.gaussian, .classes):
      throw .value(of: "the targets", found: "classes", expected: "real values with the loss \(rawValue)")
    case (_, .values):
      throw .value(of: "the targets", found: "real values", expected: "classes with the loss \(rawValue)")
    }
  }
}
