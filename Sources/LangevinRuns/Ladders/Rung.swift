import LangevinCore
import LangevinSamplers

/// A chain as a rung of a ladder.
extension Chain where S: Exchangeable {
  /// Whether its point may be exchanged now.
  var mayExchange: Bool { sampler.mayExchange(state) && evaluator.isAtSweepEnd }

  /// Goes on to a step, and from there until the point may be exchanged; at most to `end`.
  func advance(toExchangeFrom due: UInt64, upTo end: UInt64, isCancelled: () -> Bool) throws {
    try advance(to: min(due, end), isCancelled: isCancelled)
    while step >= due, step < end, !mayExchange {
      let before = step
      try advance(to: before + 1, isCancelled: isCancelled)
      if step == before { return }
    }
  }

  /// U of its point, on all of the data.
  func pointEnergy() throws -> Double {
    if let energy = sampler.energy(of: state) { return energy }
    let point = sampler.draw(from: state)
    return try evaluator.withWorkspace { (potential, workspace) throws(LangevinError) in
      var none: Tensor<P.Element>?
      return try potential.measure(at: point, gradient: &none, workspace: &workspace).energy.total
    }
  }

  /// Exchanges points with the next hotter rung.
  func exchangePoint(with hotter: Chain) { sampler.exchangePoints(&state, &hotter.state) }

  /// Goes on at another temperature: the chain that a checkpoint of this one makes of a sampler at that temperature.
  func temper(at temperature: Double) throws {
    let bytes = try archived()
    try restart(with: try sampler.tempered(at: temperature))
    try restore(from: bytes)
  }

  /// All that decides its future.
  func archived() throws -> [UInt8] {
    var writer = ArchiveWriter()
    try archive(in: &writer)
    return writer.bytes
  }

  /// Takes the future of another rung, or of this one earlier or elsewhere.
  func restore(from bytes: [UInt8]) throws {
    var reader = ArchiveReader(bytes, path: "a rung's state")
    try archive(in: &reader)
  }
}

/// A rung that cannot go on.
struct RungError: Error, CustomStringConvertible {
  let rung: Int
  let temperature: Double
  let cause: any Error

  var description: String { "rung \(rung + 1) of the ladder, at the temperature \(temperature): \(cause)" }
}
