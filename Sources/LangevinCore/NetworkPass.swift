import CLangevinKernels

/// The forward and backward passes of a network over one block of examples, and the memory they work in.
///
/// Matrices are row-major, one row for each example of the block:
///
///     h_0 = inputs (gathered from the data set, never copied)
///     z_l = h_{l-1} W_l^T + b_l,   h_l = act(z_l)              forward
///     d_L = dU/dz_L from the loss
///     dW_l = d_l^T h_{l-1},        db_l = column sums of d_l    backward
///     d_{l-1} = (d_l W_l) * act'(z_{l-1})
///
/// z is kept only where the derivative needs it (gelu, erf).
final class NetworkPass<Element: Scalar> {
  typealias In = UnsafePointer<Element>
  typealias Out = UnsafeMutablePointer<Element>

  /// A block of the examples: where its inputs start, and the rows to gather if it is not contiguous.
  struct Inputs {
    let base: In
    let stride: Int
    let rows: UnsafePointer<Int32>?
    let count: Int
  }

  let network: MLP
  let kernels = Element.kernels
  /// The largest block, in examples.
  let capacity: Int
  /// The distance between rows of h_l, z_l and d_l, by layer.
  let strides: [Int]
  /// h_l by layer.
  let outputs: [Out]
  /// What the network says: h of the last layer times the output scale.
  let results: Out
  /// d_l by layer. The backward pass needs only two at a time, so layers share two buffers in turn.
  let deltas: [Out]
  /// What the derivative of each layer's activation is computed from: h_l or z_l.
  let saved: [Out]
  let storage: AlignedStorage<Element>

  init(_ network: MLP, capacity: Int) {
    self.network = network
    self.capacity = capacity
    strides = network.layers.map { Self.stride(of: $0.outputs) }
    let widest = strides.max() ?? 1
    let kept = zip(network.layers, strides).reduce(0) { $0 + $1.1 * ($1.0.activation.needsInput ? 2 : 1) }
    let scaled = network.outputScale == 1 ? 0 : strides[strides.count - 1]
    storage = AlignedStorage(count: capacity * (kept + scaled + 2 * widest))
    storage.base.update(repeating: 0, count: storage.count)

    var next = storage.base
    func carve(_ stride: Int) -> Out {
      defer { next += capacity * stride }
      return next
    }
    outputs = strides.map { carve($0) }
    var saved = outputs
    for (index, layer) in network.layers.enumerated() where layer.activation.needsInput {
      saved[index] = carve(strides[index])
    }
    self.saved = saved
    results = scaled == 0 ? outputs[outputs.count - 1] : carve(scaled)
    let pair = [carve(widest), carve(widest)]
    deltas = strides.indices.map { pair[$0 % 2] }
  }

  /// Rows of 8 numbers or more start on a cache line.
  static func stride(of width: Int) -> Int {
    let line = 64 / MemoryLayout<Element>.stride
    return width < 8 ? width : (width + line - 1) / line * line
  }

  var last: Int { network.layers.count - 1 }

  /// What layer `index` reads: the data, or the layer below.
  func input(of index: Int, _ inputs: Inputs) -> (x: In, stride: Int, rows: UnsafePointer<Int32>?) {
    index == 0 ? (inputs.base, inputs.stride, inputs.rows) : (In(outputs[index - 1]), strides[index - 1], nil)
  }

  /// The network's outputs for a block, in ``results``.
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  func forward(_ theta: In, _ inputs: Inputs) {
    for (index, layer) in network.layers.enumerated() {
      let (x, stride, rows) = input(of: index, inputs)
      let z = layer.activation.needsInput ? saved[index] : nil
      kernels.forward(
        theta + layer.weight, layer.bias.map { theta + $0 }, layer.outputs, layer.inputs, x, stride, rows,
        inputs.count, layer.activation.kernel, false, z, outputs[index], strides[index])
    }
    if network.outputScale != 1 {
      kernels.axpby(network.outputScale, outputs[last], 0, results, inputs.count * strides[last])
    }
  }

  /// Turns dU/dh of the last layer, which the loss has written to its delta, into all weight gradients:
  /// gradient = scale * sum over the block (+ gradient before, if `accumulate`).
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
    finishLoss(deltas[last], count: count)
    for index in network.layers.indices.reversed() {
      let layer = network.layers[index]
      let (x, stride, rows) = input(of: index, inputs)
      kernels.weightGradient(
        deltas[index], strides[index], layer.outputs, x, stride, rows, layer.inputs, count, scale, accumulate,
        decay, theta + layer.weight, layer.bias.map { theta + $0 }, gradient + layer.weight,
        layer.bias.map { gradient + $0 })
      if let moments {
        kernels.weightSecondMoment(
          deltas[index], strides[index], layer.outputs, x, stride, rows, layer.inputs, count, scale, accumulate,
          moments + layer.weight, layer.bias.map { moments + $0 })
      }
      if index > 0 {
        kernels.inputGradient(
          theta + layer.weight, layer.outputs, layer.inputs, deltas[index], strides[index], count,
          network.layers[index - 1].activation.kernel, saved[index - 1], strides[index - 1], false,
          deltas[index - 1], strides[index - 1])
      }
    }
  }

  /// From dU/d(result) to dU/dz of the last layer.
  private func finishLoss(_ delta: Out, count: Int) {
    if network.outputScale != 1 { kernels.axpby(0, delta, network.outputScale, delta, count * strides[last]) }
    let activation = network.layers[last].activation
    if activation == .identity { return }
    kernels.activationBackward(
      activation.kernel, saved[last], strides[last], delta, strides[last], count, network.outputWidth)
  }
}
