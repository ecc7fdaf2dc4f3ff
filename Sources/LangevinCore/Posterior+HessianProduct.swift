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
            pass, tile, product, accumulate in
            .init(
              loss: pass.hessianProduct(
                theta, v, tile, loss: lossTerms, examples.targets, scale: scale, accumulate: accumulate,
                product: product))
          }
          priorTerms.addHessianProduct(with: v, at: theta, to: product, workspace.precisions, workspace.kernels)
          return sums
        }
      }
    }
    try check(Energy(cost: sums.loss), at: position)
    return product
  }
}

extension NetworkPass {
  /// One tile's part of H v; returns the loss.
  func hessianProduct(
    _ theta: In, _ v: In, _ tile: PosteriorWorkspace<Element>.Tile, loss: LossTerms<Element>,
    _ targets: Examples<Element>.Targets, scale: Element, accumulate: Bool, product: Out
  ) -> Double {
    let inputs = tile.inputs
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

    let value = self.loss(loss, tile, targets, scale: scale)
    let constants = tangent.loss(loss, self, tile, targets, v, scale: scale)
    for (place, sum) in zip(network.constants, constants) {
      product[place] = (accumulate ? product[place] : 0) + Element(sum)
    }

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
    let network = pass.network
    let widths = network.layers.dropLast().map(\.outputs) + [network.outputWidth]
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

  /// The loss's own Hessian turns R{result} into R{dU/dh} of the last layer; the output scale enters on both sides. Returns the
  /// product's elements at the constant outputs.
  func loss(
    _ loss: LossTerms<Element>, _ pass: NetworkPass<Element>, _ tile: PosteriorWorkspace<Element>.Tile,
    _ targets: Examples<Element>.Targets, _ v: UnsafePointer<Element>, scale: Element
  ) -> [Double] {
    let (kernels, last, network) = (pass.kernels, pass.last, pass.network)
    let count = tile.inputs.count
    let elements = Kernels<Element>.Panels(h[last], width: network.layers[last].outputs, count: count).elements
    let (rh, rdelta) = (h[last], deltas[last])
    let outputScale = network.outputScale
    var sums: [Double] = []
    if network.constantOutputs > 0 {
      pass.widen(rh, into: rh, with: network.constants.map { v[$0] }, count: count)
    } else if outputScale != 1 {
      kernels.axpby(0, rh, outputScale, rh, elements)
    }
    pass.curvature(loss, tile, targets, times: rh, scale: scale, into: rdelta)
    if network.constantOutputs > 0 {
      _ = pass.narrow(pass.deltas[last], count: count)
      sums = pass.narrow(rdelta, count: count).map(\.first)
    }
    if outputScale != 1 {
      kernels.axpby(0, pass.deltas[last], outputScale, pass.deltas[last], elements)
      kernels.axpby(0, rdelta, outputScale, rdelta, elements)
    }
    return sums
  }
}
