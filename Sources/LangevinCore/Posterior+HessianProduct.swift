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
    func panels(_ base: Out, _ width: Int) -> Panels { Panels(base, width: width, count: count) }

    forward(theta, inputs)
    for (index, layer) in layers.enumerated() {
      let rz = panels(tangent.z[index], layer.outputs)
      kernels.forward(self.layer(index, in: v), input(of: index, inputs), .identity, h: rz.base)
      if index > 0 {
        kernels.forward(
          self.layer(index, in: theta, biases: false), panels(tangent.h[index - 1], layer.inputs), .identity,
          accumulating: true, z: rz.base, h: rz.base)
      }
      kernels.rForward(
        layer.activation, saved: saved[index], rz: rz.base, into: tangent.h[index], count: rz.elements)
    }

    let value = self.loss(loss, block, targets, scale: scale)
    tangent.loss(loss, self, block, targets, scale: scale)

    for (index, layer) in layers.enumerated().reversed() {
      let delta = delta(of: index, count: count)
      let rdelta = panels(tangent.deltas[index], layer.outputs)
      kernels.rBackward(
        layer.activation, saved: saved[index], rz: tangent.z[index], delta: delta.base, rdelta: rdelta.base,
        count: delta.elements)
      let (weights, directions) = (self.layer(index, in: theta), self.layer(index, in: v))
      kernels.weightGradient(
        weights, rdelta, input(of: index, inputs), accumulating: accumulate, weights: product + layer.weight,
        biases: layer.bias.map { product + $0 })
      if index == 0 { break }
      kernels.weightGradient(
        weights, delta, panels(tangent.h[index - 1], layer.inputs), accumulating: true,
        weights: product + layer.weight, biases: nil)
      let below = tangent.deltas[index - 1]
      kernels.inputGradient(weights, rdelta, through: .identity, into: below)
      kernels.inputGradient(directions, delta, through: .identity, accumulating: true, into: below)
      kernels.inputGradient(weights, delta, through: .identity, into: deltas[index - 1])
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
    let widths = pass.network.sizes.dropFirst()
    let total = widths.reduce(0, +)
    storage = AlignedStorage(count: 3 * total * pass.capacity)
    storage.base.update(repeating: 0, count: storage.count)
    var next = storage.base
    func carve() -> [Out] {
      widths.map { width in
        defer { next += width * pass.capacity }
        return next
      }
    }
    z = carve()
    h = carve()
    deltas = carve()
  }

  /// The loss's own Hessian turns R{result} into R{dU/dh} of the last layer; the output scale enters on both sides.
  func loss(
    _ loss: Loss, _ pass: NetworkPass<Element>, _ block: PosteriorWorkspace<Element>.Block,
    _ targets: Examples<Element>.Targets, scale: Element
  ) {
    let (kernels, last) = (pass.kernels, pass.last)
    let results = pass.results(count: block.inputs.count)
    let elements = results.elements
    let (rh, rdelta) = (h[last], deltas[last])
    let outputScale = pass.network.outputScale
    if outputScale != 1 {
      kernels.axpby(0, rh, outputScale, rh, elements)
      kernels.axpby(0, pass.deltas[last], outputScale, pass.deltas[last], elements)
    }
    switch loss {
    case .crossEntropy: kernels.crossEntropyR(results, rh, scale: scale, into: rdelta)
    case .binaryCrossEntropy: kernels.binaryCrossEntropyR(results, rh, scale: scale, into: rdelta)
    case .squaredError: kernels.squaredErrorR(results, rh, scale: scale, into: rdelta)
    case .gaussian:
      if case .values(let values) = targets {
        values.withPointer { values in
          let rows = block.targets(values, width: results.width / 2)
          kernels.gaussianR(results, targets: rows, rh, scale: scale, into: rdelta)
        }
      }
    }
    if outputScale != 1 { kernels.axpby(0, rdelta, outputScale, rdelta, elements) }
  }
}
