/// The forward and backward passes of a network over one tile of examples, and the memory they work in.
///
/// Matrices are ``Kernels/Panels``: a column for each example of the tile.
///
///     h_0 = inputs (gathered from the rows of the data set)
///     z_l = W_l h_{l-1} + b_l,   h_l = act(z_l)                 forward
///     d_L = dU/dz_L from the loss
///     dW_l = d_l h_{l-1}^T,      db_l = sums of d_l over examples   backward
///     d_{l-1} = (W_l^T d_l) * act'(z_{l-1})
///
/// z is kept only where the derivative needs it (gelu, erf).
final class NetworkPass<Element: Scalar> {
  typealias In = UnsafePointer<Element>
  typealias Out = UnsafeMutablePointer<Element>
  typealias Panels = Kernels<Element>.Panels
  typealias Layer = Kernels<Element>.Layer

  /// A tile of the examples: the rows of its inputs, or the inputs themselves where they have been gathered before.
  struct Inputs {
    let rows: Kernels<Element>.Rows
    let gathered: Out?
    let count: Int
  }

  let network: MLP
  let kernels = Element.kernels
  /// The largest tile, in examples: whole panels.
  let capacity: Int
  /// h_l by layer.
  let outputs: [Out]
  /// What the network says: h of the last layer times the output scale, then the outputs that are constant.
  let scaled: Out
  /// d_l by layer. The backward pass needs only two at a time, so layers share two buffers in turn.
  let deltas: [Out]
  /// What the derivative of each layer's activation is computed from: h_l or z_l.
  let saved: [Out]
  private let gathered: Out
  private let storage: AlignedStorage<Element>
  /// The weights of a tile's examples.
  private var weights: AlignedStorage<Element>?
  /// Squares of a delta and of what its layer reads, for second moments.
  private var squares: (delta: AlignedStorage<Element>, input: AlignedStorage<Element>)?

  init(_ network: MLP, capacity: Int) {
    self.network = network
    let filled = Kernels<Element>.filled(capacity)
    self.capacity = filled
    let layers = network.layers
    let widest = layers.reduce(network.outputWidth) { max($0, $1.outputs) }
    let kept = layers.reduce(layers[0].inputs) { $0 + $1.outputs * ($1.activation.needsInput ? 2 : 1) }
    let isScaled = network.outputScale != 1 || network.constantOutputs > 0
    storage = AlignedStorage(count: filled * (kept + (isScaled ? network.outputWidth : 0) + 2 * widest))
    storage.base.update(repeating: 0, count: storage.count)

    var next = storage.base
    func carve(_ width: Int) -> Out {
      defer { next += filled * width }
      return next
    }
    gathered = carve(layers[0].inputs)
    outputs = layers.map { carve($0.outputs) }
    var saved = outputs
    for (index, layer) in layers.enumerated() where layer.activation.needsInput { saved[index] = carve(layer.outputs) }
    self.saved = saved
    scaled = isScaled ? carve(network.outputWidth) : outputs[outputs.count - 1]
    let pair = [carve(widest), carve(widest)]
    deltas = layers.indices.map { pair[$0 % 2] }
  }

  var last: Int { network.layers.count - 1 }

  /// What layer `index` reads: the inputs, or the layer below.
  func input(of index: Int, _ inputs: Inputs) -> Panels {
    let base = index == 0 ? inputs.gathered ?? gathered : outputs[index - 1]
    return Panels(base, width: network.layers[index].inputs, count: inputs.count)
  }

  /// The delta of layer `index`.
  func delta(of index: Int, count: Int) -> Panels {
    Panels(deltas[index], width: network.layers[index].outputs, count: count)
  }

  /// What the network says of the tile.
  func results(count: Int) -> Panels { Panels(scaled, width: network.outputWidth, count: count) }

  /// A layer with its parameters in a vector, theta or another of its shape.
  func layer(_ index: Int, in theta: In, biases: Bool = true) -> Layer {
    let layer = network.layers[index]
    return Layer(
      weights: theta + layer.weight, biases: biases ? layer.bias.map { theta + $0 } : nil, outputs: layer.outputs,
      inputs: layer.inputs)
  }

  /// The network's outputs for a tile, in ``results(count:)``.
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  func forward(_ theta: In, _ inputs: Inputs) {
    if inputs.gathered == nil { kernels.gather(inputs.rows, into: input(of: 0, inputs)) }
    for index in network.layers.indices {
      let activation = network.layers[index].activation
      kernels.forward(
        layer(index, in: theta), input(of: index, inputs), activation, z: activation.needsInput ? saved[index] : nil,
        h: outputs[index])
    }
    if network.constantOutputs > 0 {
      widen(outputs[last], into: scaled, with: network.constants.map { theta[$0] }, count: inputs.count)
    } else if network.outputScale != 1 {
      kernels.axpby(network.outputScale, outputs[last], 0, scaled, results(count: inputs.count).elements)
    }
  }

  /// Turns dU/dh of the last layer, which the loss has written to its delta, into all weight gradients:
  /// gradient = scale * sum over the tile (+ gradient before, if `accumulate`).
  ///
  /// With `decay`, that times theta is added: the gradient of a Gaussian prior, for which this saves a pass over memory.
  /// With `moments`, the sums over examples of squared per-example gradients come along, likewise scaled.
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  func backward(
    _ theta: In, _ inputs: Inputs, scale: Element = 1, accumulate: Bool, decay: Element = 0, gradient: Out,
    moments: Out? = nil
  ) {
    let count = inputs.count
    if network.constantOutputs > 0 {
      for (place, sums) in zip(network.constants, narrow(deltas[last], count: count)) {
        func put(_ sum: Double, _ decay: Element, _ target: Out) {
          target[place] = (accumulate ? target[place] : 0) + scale * Element(sum) + decay * theta[place]
        }
        put(sums.first, decay, gradient)
        if let moments { put(sums.second, 0, moments) }
      }
    }
    finishLoss(count: count)
    for index in network.layers.indices.reversed() {
      let layer = layer(index, in: theta)
      let (weight, bias) = (network.layers[index].weight, network.layers[index].bias)
      let (delta, x) = (delta(of: index, count: count), input(of: index, inputs))
      kernels.weightGradient(
        layer, delta, x, scale: scale, decay: decay, accumulating: accumulate, weights: gradient + weight,
        biases: bias.map { gradient + $0 })
      if index > 0 {
        kernels.inputGradient(
          layer, delta, through: network.layers[index - 1].activation, saved: saved[index - 1],
          into: deltas[index - 1])
      }
      if let moments {
        // For a linear layer the sum of squares of delta x is that of products of squares.
        kernels.weightGradient(
          layer, squared(delta, isDelta: true), squared(x, isDelta: false), scale: scale, accumulating: accumulate,
          weights: moments + weight, biases: bias.map { moments + $0 })
      }
    }
  }

  /// The weights of the examples of a tile, in their order; 0 beyond the last.
  func gather(_ all: Tensor<Element>, of tile: PosteriorWorkspace<Element>.Tile) -> In {
    let storage = weights ?? AlignedStorage(count: capacity)
    weights = storage
    let count = tile.inputs.count
    for example in 0..<count { storage.base[example] = all[tile.row(example)] }
    (storage.base + count).update(repeating: 0, count: capacity - count)
    return In(storage.base)
  }

  private func squared(_ panels: Panels, isDelta: Bool) -> Panels {
    let widths = network.sizes
    func make(_ width: Int) -> AlignedStorage<Element> { AlignedStorage(count: capacity * width) }
    let squares = squares ?? (make(widths.dropFirst().max() ?? 1), make(widths.dropLast().max() ?? 1))
    self.squares = squares
    let target = isDelta ? squares.delta.base : squares.input.base
    kernels.square(panels.base, into: target, count: panels.elements)
    return Panels(target, width: panels.width, count: panels.count)
  }

  /// From dU/d(result) to dU/dz of the last layer.
  private func finishLoss(count: Int) {
    let delta = delta(of: last, count: count)
    if network.outputScale != 1 { kernels.axpby(0, delta.base, network.outputScale, delta.base, delta.elements) }
    kernels.activationBackward(
      network.layers[last].activation, saved: saved[last], delta: delta.base, count: delta.elements)
  }
}
