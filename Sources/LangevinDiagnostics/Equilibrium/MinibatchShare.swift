/// How much of the thermal noise of a group of parameters its minibatches supply.
///
/// A sampler at temperature T needs noise of a known variance per parameter. Random minibatches bring some of it, and the
/// sampler adds the rest. Where they bring all of it or more, a share of 1, no added noise can be small enough: that
/// parameter runs hotter than T.
public struct MinibatchShare: Sendable, Equatable, Codable {
  /// Median share over the parameters of the group.
  public let median: Double
  /// Largest share.
  public let maximum: Double
  /// Whether some parameter gets all its noise, or more, from minibatches.
  public var isTooLarge: Bool { maximum >= 1 }

  /// Summarises the shares of single parameters, each the variance from minibatches over the variance required.
  ///
  /// - Throws: ``DiagnosticsError/empty(what:)`` without shares; ``DiagnosticsError/invalidEntry(what:index:value:expected:)``
  ///   for one that is negative or not finite.
  public init(shares: [Double]) throws(DiagnosticsError) {
    if let index = shares.firstIndex(where: { !($0 >= 0 && $0.isFinite) }) {
      throw .invalidEntry(
        what: "minibatch share", index: index, value: shares[index], expected: "a finite number of at least 0")
    }
    let sorted = shares.sorted()
    guard let largest = sorted.last else { throw .empty(what: "minibatch shares") }
    median = LangevinDiagnostics.median(ofSorted: sorted)
    maximum = largest
  }
}
