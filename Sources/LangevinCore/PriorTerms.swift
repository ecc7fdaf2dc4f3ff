/// A prior made ready for one layout: one precision for all parameters, and at most one other term besides.
///
/// The gradient of the first, `decay` times theta, is added where the weight gradients are written: there it is free.
struct PriorTerms<Element: Scalar>: Sendable {
  private struct Term {
    var precision = 0.0
    var precisions: Tensor<Element>?
    var center: Tensor<Element>?
  }
  /// The precision that all parameters share.
  let decay: Double
  private let term: Term?
  private let heavyTails: HeavyTails?
  /// The precisions of the blocks at the start of a chain, where they are sampled.
  let sampled: SampledPrecisions?
  private let count: Int

  init(_ prior: Prior<Element>, layout: ParameterLayout) throws(LangevinError) {
    count = layout.count
    heavyTails = try HeavyTails(prior)
    sampled = try SampledPrecisions(prior, layout)
    switch prior {
    case .flat, .laplace, .studentT, .sampledPrecisions:
      (decay, term) = (0, nil)
    case .gaussian(let precision):
      try Self.check(precision, "the prior's precision")
      (decay, term) = (precision, nil)
    case .perBlock(let precisions):
      var all = Tensor<Element>(zeros: layout.count)
      for (name, precision) in precisions.sorted(by: { $0.key < $1.key }) {
        try Self.check(precision, "the prior's precision of '\(name)'")
        for range in try layout.partition([name]).ranges {
          for index in range { all[index] = Element(precision) }
        }
      }
      (decay, term) = (0, Term(precisions: all))
    case .perParameter(let precisions):
      guard precisions.shape == [layout.count] else {
        throw .shape(of: "the prior's precisions", found: precisions.shape, expected: [layout.count])
      }
      for index in 0..<layout.count {
        try Self.check(Double(precisions[index]), "the prior's precision of parameter \(index)")
      }
      (decay, term) = (0, Term(precisions: precisions))
    case .anchored(let precision, let tether, let anchor):
      try Self.check(precision, "the prior's precision")
      try Self.check(tether, "the tether")
      guard anchor.shape == [layout.count] else {
        throw .shape(of: "the anchor", found: anchor.shape, expected: [layout.count])
      }
      if let place = anchor.firstNonFinite { throw .nonFinite("the anchor", in: layout.blockName(at: place), hint: "") }
      (decay, term) = (precision, Term(precision: tether, center: anchor))
    }
  }

  static func check(_ precision: Double, _ name: String) throws(LangevinError) {
    try require(precision >= 0 && precision.isFinite, name, is: precision, expected: "0 or more, finite")
  }

  /// The energy of the whole prior, with the precisions of the blocks now where they are sampled; the gradient of all but
  /// `decay` is added to `gradient`.
  func add(
    at position: UnsafePointer<Element>, to gradient: UnsafeMutablePointer<Element>, _ precisions: SampledPrecisions?,
    _ kernels: Kernels<Element>
  ) -> Double {
    let shared = decay == 0 ? 0 : decay / 2 * kernels.weightedSquare(nil, position, count)
    return shared + add(at: position, around: term?.center, to: gradient, kernels)
      + (heavyTails?.add(at: position, to: gradient, count: count) ?? 0)
      + (precisions?.add(at: position, to: gradient, kernels) ?? 0)
  }

  /// Adds the product of the prior's Hessian with a vector: for a harmonic force that is the force around the origin.
  func addHessianProduct(
    with vector: UnsafePointer<Element>, at position: UnsafePointer<Element>,
    to product: UnsafeMutablePointer<Element>, _ precisions: SampledPrecisions?, _ kernels: Kernels<Element>
  ) {
    if decay != 0 { kernels.axpby(decay, vector, 1, product, count) }
    _ = add(at: vector, around: nil, to: product, kernels)
    heavyTails?.addHessianProduct(with: vector, at: position, to: product, count: count)
    _ = precisions?.add(at: vector, to: product, kernels)
  }

  private func add(
    at position: UnsafePointer<Element>, around center: Tensor<Element>?, to gradient: UnsafeMutablePointer<Element>,
    _ kernels: Kernels<Element>
  ) -> Double {
    guard let term else { return 0 }
    // The pointers outlive their closures because the term keeps the tensors.
    let precisions = term.precisions.map { $0.withPointer { $0 } }
    let center = center.map { $0.withPointer { $0 } }
    return kernels.harmonic(
      precision: term.precision, precisions: precisions, center: center, at: position, addingTo: gradient, count: count)
  }
}
