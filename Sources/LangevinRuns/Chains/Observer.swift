import LangevinSamplers

/// Who looks at a run: a trace, a file of draws, a progress line, a rule that ends it.
///
/// Observers are called between steps by the thread that drives the run, chain by chain in order. They see all and can
/// change no draw. One that remembers, such as ``WeightAverage``, belongs to a ``SamplingRun`` from its start and hands what it
/// knows to each checkpoint.
public protocol Observer: AnyObject {
  /// A step was kept.
  func observe(_ kept: KeptStep) throws
  /// All chains have reached a kept step. Whether the run should end here.
  func shouldStop(_ chains: ChainGroup) throws -> Bool
  /// Stores or restores what it remembers of a chain.
  func archive(chain: Int, in archive: inout some StateArchive) throws
}

extension Observer {
  /// Nothing to do.
  public func observe(_ kept: KeptStep) throws {}
  /// No.
  public func shouldStop(_ chains: ChainGroup) throws -> Bool { false }
  /// It remembers nothing.
  public func archive(chain: Int, in archive: inout some StateArchive) throws {}
}

/// One kept step of one chain.
public struct KeptStep {
  /// The chain, from 0.
  public let chain: Int
  /// The number of steps that it has done.
  public let step: UInt64
  /// Whether this belongs to the warm-up.
  public let isWarmup: Bool
  /// The names of the values.
  public let columns: [String]
  /// What was observed.
  public let values: [Double]
  /// What the sampler has warned of since the last kept step, but for what it had said before.
  public let warnings: [String]
  /// The same values on the hotter rungs, where the chain is the coldest one of a ladder.
  let hotter: [[Double]]
  let parameters: () -> Parameters

  /// A value by name.
  public subscript(name: String) -> Double? { columns.firstIndex(of: name).map { values[$0] } }

  /// The parameters at this step.
  public var draw: Parameters { parameters() }
}

/// An observer made of a closure.
///
///     let watch = ClosureObserver { print($0.chain, $0.step, $0["energy"] ?? .nan) }
public final class ClosureObserver: Observer {
  private let body: (KeptStep) throws -> Void

  /// Calls the closure for each kept step.
  public init(_ body: @escaping (KeptStep) throws -> Void) { self.body = body }

  /// Calls the closure.
  public func observe(_ kept: KeptStep) throws { try body(kept) }
}
