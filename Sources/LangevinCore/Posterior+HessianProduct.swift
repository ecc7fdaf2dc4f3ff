import CLangevinKernels

/// The product of the energy's Hessian with a vector v, by Pearlmutter's R-operator (1994): R{f} = d/de f(theta + e v).
///
/// A forward and a backward sweep carry the directional derivatives along:
///
///     R{z_l} = R{h_{l-1}} W^T + h_{l-1} V^T + v_b,        R{h_l} = act'(z_l) R{z_l},     R{h_0} = 0
///     R{dU/dh_{l-1}} = R{d_l} W + d_l V,                  R{d_l} = act' R{dU/dh_l} + act'' R{z_l} dU/dh_l
///     (Hv)_W = R{d_l}^T h_{l-1} + d_l^T R{h_{l-1}},       (Hv)_b = column sums of R{d_l}
///
/// where V and v_b are the parts of v that belong to W and b.
extension Posterior {
  /// H v at `position`, on a minibatch or on all of the data, the prior included.
  package func hessianProduct(
    with vector: Tensor<Element>, at position: Tensor<Element>, over batch: Minibatch = .all,
    workspace: inout PosteriorWorkspace<Element>
  ) throws(LangevinError) -> Tensor<Element> {
    try check(position: position, gradient: vector)
    try batch.check(exampleCount: exampleCount)
    let scale = Element(self.scale(of: batch))
    var product = Tensor<Element>(zeros: parameterCount)
    let sums = product.withMutablePointer { product in
      position.withPointer { theta in
        vector.withPointer { v in
          let sums = workspace.addUp(batch, of: examples, length: parameterCount, into: product) {
            pass, block, product, accumulate in
            .init(
              loss: pass.hessianProduct(
                theta, v, block, loss: loss, examples.targets, scale: scale, accumulate: accumulate, product: product))
          }
          harmonic.addHessianProduct(with: v, to: product, kernels: workspace.kernels)
          return sums
        }
      }
    }
    try check(Energy(cost: sums.loss), at: position)
    return product
  }
}

extension NetworkPass {
  /// One block's part of H v; returns the loss.
  func hessianProduct(
    _ theta: In, _ v: In, _ block: PosteriorWorkspace<Element>.Block, loss: Loss,
    _ targets: Examples<Element>.Targets, scale: Element, accumulate: Bool, product: Out
  ) -> Double {
    let inputs = block.inputs
    let count = inputs.count
    let layers = network.layers
    let tangent = Tangents(self)

    forward(theta, inputs)
    for (index, layer) in layers.enumerated() {
      let (x, stride, rows) = input(of: index, inputs)
      let rz = tangent.z[index]
      kernels.forward(
        v + layer.weight, layer.bias.map { v + $0 }, layer.outputs, layer.inputs, x, stride, rows, count,
        LK_IDENTITY, false, nil, rz, strides[index])
      if index > 0 {
        kernels.forward(
          theta + layer.weight, nil, layer.outputs, layer.inputs, tangent.h[index - 1], strides[index - 1], nil, count,
          LK_IDENTITY, true, rz, rz, strides[index])
      }
      kernels.rForward(layer.activation.kernel, saved[index], rz, tangent.h[index], count * strides[index])
    }

    let value = self.loss(loss, block, targets, scale: scale)
    tangent.loss(loss, self, count: count, scale: scale)

    for (index, layer) in layers.enumerated().reversed() {
      let (delta, rdelta) = (deltas[index], tangent.deltas[index])
      kernels.rBackward(layer.activation.kernel, saved[index], tangent.z[index], delta, rdelta, count * strides[index])
      let (x, stride, rows) = input(of: index, inputs)
      kernels.weightGradient(
        rdelta, strides[index], layer.outputs, x, stride, rows, layer.inputs, count, 1, accumulate,
        0, nil, nil, product + layer.weight, layer.bias.map { product + $0 })
      if index == 0 { break }
      kernels.weightGradient(
        delta, strides[index], layer.outputs, tangent.h[index - 1], strides[index - 1], nil, layer.inputs, count, 1,
        true, 0, nil, nil, product + layer.weight, nil)
      func back(_ weights: In, _ delta: Out, to below: Out, accumulate: Bool) {
        kernels.inputGradient(
          weights + layer.weight, layer.outputs, layer.inputs, delta, strides[index], count, LK_IDENTITY, nil, 0,
          accumulate, below, strides[index - 1])
      }
      back(theta, rdelta, to: tangent.deltas[index - 1], accumulate: false)
      back(v, delta, to: tangent.deltas[index - 1], accumulate: true)
      back(theta, delta, to: deltas[index - 1], accumulate: false)
    }
    return value
  }
}

/// The directional derivatives that go with a pass: R{z_l}, R{h_l} and R{d_l}.
private final class Tangents<Element: Scalar> {
  typealias Out = UnsafeMutablePointer<Element>
  let z: [Out]
  let h: [Out]
  let deltas: [Out]
  private let storage: AlignedStorage<Element>

  init(_ pass: NetworkPass<Element>) {
    let total = pass.strides.reduce(0, +)
    storage = AlignedStorage(count: 3 * total * pass.capacity)
    storage.base.update(repeating: 0, count: storage.count)
    var next = storage.base
    func carve() -> [Out] {
      pass.strides.map { stride in
        defer { next += stride * pass.capacity }
        return next
      }
    }
    z = carve()
    h = carve()
    deltas = carve()
  }

  /// The loss's own Hessian turns R{result} into R{dU/dh} of the last layer; the output scale enters on both sides.
  func loss(_ loss: Loss, _ pass: NetworkPass<Element>, count: Int, scale: Element) {
    let (kernels, last) = (pass.kernels, pass.last)
    let (stride, width) = (pass.strides[last], pass.network.outputWidth)
    let (rh, rdelta) = (h[last], deltas[last])
    let outputScale = pass.network.outputScale
    if outputScale != 1 {
      kernels.axpby(0, rh, outputScale, rh, count * stride)
      kernels.axpby(0, pass.deltas[last], outputScale, pass.deltas[last], count * stride)
    }
    switch loss {
    case .crossEntropy: kernels.crossEntropyR(pass.results, rh, stride, count, width, scale, rdelta)
    case .binaryCrossEntropy: kernels.binaryCrossEntropyR(pass.results, rh, stride, count, scale, rdelta)
    case .squaredError: kernels.axpby(Double(scale), rh, 0, rdelta, count * stride)
    }
    if outputScale != 1 { kernels.axpby(0, rdelta, outputScale, rdelta, count * stride) }
  }
}
