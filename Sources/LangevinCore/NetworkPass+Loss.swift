/// The loss of a posterior made ready for its examples: which kernels compute it, and how much each example counts.
struct LossTerms<Element: Scalar>: Sendable {
  let function: any LossFunction
  /// The loss, if it has kernels.
  let builtIn: Loss?
  /// The weights of the examples, of mean 1 where the energy is per example; nil for all 1.
  let weights: Tensor<Element>?

  init(_ function: any LossFunction, _ examples: Examples<Element>, _ normalisation: Normalisation) {
    self.function = function
    builtIn = function as? Loss
    let factor = normalisation == .mean ? Double(examples.count) / examples.totalWeight : 1
    weights = examples.weights.map { Tensor($0.map { Element(factor * $0) }) }
  }
}

extension NetworkPass {
  /// The sum of the loss over a tile whose forward pass is done; with `scale`, dU/d(result) goes to the last delta.
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  func loss(
    _ loss: LossTerms<Element>, _ tile: PosteriorWorkspace<Element>.Tile, _ targets: Examples<Element>.Targets,
    scale: Element?
  ) -> Double {
    let results = results(count: tile.inputs.count)
    let delta = scale == nil ? nil : deltas[last]
    let scale = Kernels<Element>.Scale(scale ?? 1, weights: loss.weights.map { gather($0, of: tile) })
    guard let builtIn = loss.builtIn else {
      delta?.update(repeating: 0, count: results.elements)
      return eachExample(of: tile, targets) { example, target in
        self.loss(loss.function, example, target, scale, delta)
      }
    }
    switch targets {
    case .classes(let labels, _):
      return labels.withUnsafeBufferPointer { labels in
        guard let labels = tile.targets(labels.baseAddress) else { return 0 }
        return builtIn == .crossEntropy
          ? kernels.crossEntropy(results, labels: labels, indices: tile.rows, scale: scale, delta: delta)
          : kernels.binaryCrossEntropy(results, labels: labels, indices: tile.rows, scale: scale, delta: delta)
      }
    case .values(let values):
      return values.withPointer { values in
        let rows = tile.targets(values, width: builtIn.targetCount(outputs: results.width))
        return kernels.loss(builtIn, results, targets: rows, scale: scale, delta: delta)
      }
    }
  }

  /// The product of the loss's own Hessian with the directions `ro` of the results.
  func curvature(
    _ loss: LossTerms<Element>, _ tile: PosteriorWorkspace<Element>.Tile, _ targets: Examples<Element>.Targets,
    times ro: Out, scale: Element, into rdelta: Out
  ) {
    let results = results(count: tile.inputs.count)
    let scale = Kernels<Element>.Scale(scale, weights: loss.weights.map { gather($0, of: tile) })
    switch (loss.builtIn, targets) {
    case (nil, _):
      rdelta.update(repeating: 0, count: results.elements)
      _ = eachExample(of: tile, targets) { example, target in
        var product = [Double](repeating: 0, count: results.width)
        loss.function.curvature(
          of: outputs(example, results.base), target: target, times: outputs(example, ro), into: &product)
        write(product, times: scale, to: rdelta, example)
        return 0
      }
    case (.crossEntropy, _): kernels.crossEntropyR(results, ro, scale: scale, into: rdelta)
    case (.binaryCrossEntropy, _): kernels.binaryCrossEntropyR(results, ro, scale: scale, into: rdelta)
    case (let builtIn?, .values(let values)):
      values.withPointer { values in
        let rows = tile.targets(values, width: builtIn.targetCount(outputs: results.width))
        kernels.lossR(builtIn, results, targets: rows, ro, scale: scale, into: rdelta)
      }
    case (_?, .classes): break
    }
  }

  // MARK: Losses of one's own

  private func loss(
    _ function: any LossFunction, _ example: Int, _ target: [Double], _ scale: Kernels<Element>.Scale, _ delta: Out?
  ) -> Double {
    var gradient = [Double](repeating: 0, count: network.outputWidth)
    let value = function.value(of: outputs(example, scaled), target: target, gradient: &gradient)
    if let delta { write(gradient, times: scale, to: delta, example) }
    return value * Double(scale.weights?[example] ?? 1)
  }

  /// Adds up over the examples of a tile, each with its target.
  private func eachExample(
    of tile: PosteriorWorkspace<Element>.Tile, _ targets: Examples<Element>.Targets,
    _ body: (_ example: Int, _ target: [Double]) -> Double
  ) -> Double {
    var sum = 0.0
    for example in 0..<tile.inputs.count {
      let row = tile.row(example)
      switch targets {
      case .classes(let labels, _): sum += body(example, [Double(labels[row])])
      case .values(let values): sum += body(example, (0..<values.shape[1]).map { Double(values[row, $0]) })
      }
    }
    return sum
  }

  /// Where output 0 of an example of a tile lies; the next is a panel further.
  private func place(_ example: Int) -> Int {
    let panel = Kernels<Element>.panel
    return example / panel * panel * network.outputWidth + example % panel
  }

  private func outputs(_ example: Int, _ panels: Out) -> [Double] {
    (0..<network.outputWidth).map { Double(panels[place(example) + $0 * Kernels<Element>.panel]) }
  }

  private func write(_ values: [Double], times scale: Kernels<Element>.Scale, to panels: Out, _ example: Int) {
    let factor = Double(scale.factor) * Double(scale.weights?[example] ?? 1)
    for (index, value) in values.enumerated() {
      panels[place(example) + index * Kernels<Element>.panel] = Element(factor * value)
    }
  }

  /// The number of wrong examples in a tile whose forward pass is done; 0 where targets are real numbers.
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  func errors(_ tile: PosteriorWorkspace<Element>.Tile, _ targets: Examples<Element>.Targets) -> Int {
    guard case .classes(let labels, _) = targets else { return 0 }
    return labels.withUnsafeBufferPointer { labels in
      guard let labels = tile.targets(labels.baseAddress) else { return 0 }
      return kernels.countErrors(results(count: tile.inputs.count), labels: labels, indices: tile.rows)
    }
  }
}

extension PosteriorWorkspace.Tile {
  /// The number of an example of the tile in the data.
  func row(_ example: Int) -> Int { rows.map { Int($0[example]) } ?? start + example }

  /// Labels are gathered by rows, or start at the tile's place.
  func targets(_ labels: UnsafePointer<Int32>?) -> UnsafePointer<Int32>? {
    rows == nil ? labels.map { $0 + start } : labels
  }

  /// Target values likewise.
  func targets(_ values: UnsafePointer<Element>, width: Int) -> Kernels<Element>.Rows {
    Kernels<Element>.Rows(rows == nil ? values + start * width : values, stride: width, indices: rows)
  }
}
