/// The outputs of a network that do not depend on its inputs, the block `noise`: they join the outputs of the last layer
/// before the loss, and their derivatives leave again after it.
extension NetworkPass {
  /// The outputs of the last layer, times the output scale, and constants after them.
  func widen(_ panels: Out, into wide: Out, with constants: [Element], count: Int) {
    let (size, narrow) = (Kernels<Element>.panel, network.layers[last].outputs)
    let factor = Element(network.outputScale)
    // From the last panel on, so that panels can be widened where they lie.
    for panel in (0..<Kernels<Element>.filled(count) / size).reversed() {
      let (source, target) = (panels + panel * narrow * size, wide + panel * network.outputWidth * size)
      for element in (0..<narrow * size).reversed() { target[element] = factor * source[element] }
      for (index, constant) in constants.enumerated() {
        (target + (narrow + index) * size).update(repeating: constant, count: size)
      }
    }
  }

  /// Takes the constant outputs out of panels; returns their sums over the examples, of numbers and of squares.
  func narrow(_ panels: Out, count: Int) -> [(first: Double, second: Double)] {
    let (size, narrow, wide) = (Kernels<Element>.panel, network.layers[last].outputs, network.outputWidth)
    var sums = Array(repeating: (first: 0.0, second: 0.0), count: wide - narrow)
    for panel in 0..<Kernels<Element>.filled(count) / size {
      let source = panels + panel * wide * size
      for index in sums.indices {
        // Beyond the last example a panel holds what was there before.
        for example in 0..<min(size, count - panel * size) {
          let value = Double(source[(narrow + index) * size + example])
          sums[index].first += value
          sums[index].second += value * value
        }
      }
      (panels + panel * narrow * size).update(from: source, count: narrow * size)
    }
    return sums
  }
}
