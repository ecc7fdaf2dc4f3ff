import Dispatch
import Foundation

/// The end of what was asked to stop before its first step.
public struct Interruption: Error, CustomStringConvertible {
  /// One sentence for the user.
  public var description: String { "stopped before the first step; nothing was kept" }

  package init() {}
}

/// A request to stop between two steps: by a caller, or by SIGINT and SIGTERM.
public final class Interrupt: @unchecked Sendable {
  // Unchecked: the flag is guarded by the lock, the sources are set once, before anyone else can see them.
  private let lock = NSLock()
  private var flag = false
  private var sources: [any DispatchSourceSignal] = []
  private var looks = 0
  private var limit: Int?

  /// A request that nobody has made yet.
  public init() {}

  /// For tests: a request that makes itself once it has been looked at so many times.
  package init(afterLooks limit: Int) { self.limit = limit }

  /// Makes the request.
  public func request() {
    lock.lock()
    flag = true
    lock.unlock()
  }

  /// Whether the request was made.
  public var isRequested: Bool {
    lock.lock()
    defer { lock.unlock() }
    looks += 1
    if let limit, looks > limit { flag = true }
    return flag
  }

  /// How often it has been looked at: by a run that goes on once before each step of each chain.
  package var lookCount: Int {
    lock.lock()
    defer { lock.unlock() }
    return looks
  }

  /// A request that SIGINT (Ctrl-C) or SIGTERM makes; a second signal ends the process at once, with status 130.
  public static func onSignals() -> Interrupt {
    let interrupt = Interrupt()
    for number in [SIGINT, SIGTERM] {
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        if interrupt.isRequested { exit(130) }
        interrupt.request()
      }
      source.resume()
      interrupt.sources.append(source)
    }
    return interrupt
  }
}
