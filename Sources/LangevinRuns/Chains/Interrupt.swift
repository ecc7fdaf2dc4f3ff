import Dispatch
import Foundation

/// The end of what was asked to stop before its first step.
public struct Interruption: Error, CustomStringConvertible {
  /// The signal that asked; nil for a caller.
  package let signal: Int32?

  /// One sentence for the user.
  public var description: String { "stopped before the first step; nothing was kept" }

  package init(signal: Int32? = nil) { self.signal = signal }
}

/// A request to stop between two steps, or to write checkpoints there and go on: by a caller, or by signals.
///
/// | signal | what it asks |
/// | --- | --- |
/// | SIGTERM | to stop after checkpoints; coming again changes nothing |
/// | SIGINT (Ctrl-C) | the same; a second one at least half a second after the first ends the process at once |
/// | SIGUSR1 | checkpoints |
///
/// Schedulers and `timeout` send a signal twice within milliseconds, to the process and to its group; only a person presses
/// Ctrl-C again after a while.
public final class Interrupt: @unchecked Sendable {
  // Unchecked: all that changes is guarded by the lock; the sources are set once, before anyone else can see them.
  private let lock = NSLock()
  private var isStopped = false
  private var wantsCheckpoint = false
  private var stopSignal: Int32?
  private var firstInterrupt: ContinuousClock.Instant?
  private var sources: [any DispatchSourceSignal] = []
  private var looks = 0
  private var limit: Int?

  /// A request that nobody has made yet.
  public init() {}

  /// For tests: a request that makes itself once it has been looked at so many times.
  package init(afterLooks limit: Int) { self.limit = limit }

  /// Asks to stop.
  public func request() { lock.withLock { isStopped = true } }

  /// Asks for checkpoints, after which the run goes on.
  package func requestCheckpoint() { lock.withLock { wantsCheckpoint = true } }

  /// Whether a stop was asked for.
  public var isRequested: Bool { lock.withLock { look() } }

  /// Whether a stop or a checkpoint was asked for: in both cases steps have to pause.
  var isPauseRequested: Bool { lock.withLock { look() || wantsCheckpoint } }

  /// Whether a checkpoint was asked for since the last time that this was asked.
  func takeCheckpointRequest() -> Bool {
    lock.withLock {
      defer { wantsCheckpoint = false }
      return wantsCheckpoint
    }
  }

  /// The signal that asked to stop, the first if there were several.
  package var signal: Int32? { lock.withLock { stopSignal } }

  /// How often it has been looked at: by a run that goes on once before each step of each chain.
  package var lookCount: Int { lock.withLock { looks } }

  private func look() -> Bool {
    looks += 1
    if let limit, looks > limit { isStopped = true }
    return isStopped
  }

  /// A request that signals make.
  public static func onSignals() -> Interrupt {
    let interrupt = Interrupt()
    for number in [SIGINT, SIGTERM, SIGUSR1] {
      Foundation.signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { if interrupt.receive(number, at: .now) { exit(128 + number) } }
      source.resume()
      interrupt.sources.append(source)
    }
    return interrupt
  }

  /// Does what a signal asks; whether it asks for the end at once.
  package func receive(_ number: Int32, at time: ContinuousClock.Instant) -> Bool {
    lock.withLock {
      if number == SIGUSR1 {
        wantsCheckpoint = true
        return false
      }
      isStopped = true
      stopSignal = stopSignal ?? number
      guard number == SIGINT else { return false }
      guard let first = firstInterrupt else {
        firstInterrupt = time
        return false
      }
      return time - first >= .milliseconds(500)
    }
  }
}
