/// The windows of Stan's warm-up: a buffer for the step size, windows for the masses that double in length, a buffer at the end.
///
/// Buffers are 75 and 50 moves, windows 25, 50, 100, ... of which the last takes the rest. Below 150 moves the three parts are
/// 15, 75 and 10 %; below 20 there are no windows.
struct StanWindows: Hashable, Sendable {
  /// The moves whose positions make masses.
  let span: Range<UInt64>
  private let first: UInt64

  init(moves: UInt64) {
    if moves < 20 {
      (span, first) = (0..<0, 1)
    } else if moves < 150 {
      let start = moves * 15 / 100
      span = start..<moves - moves / 10
      first = span.upperBound - start
    } else {
      (span, first) = (75..<moves - 50, 25)
    }
  }

  /// Whether a window ends with this move. A window that would leave less than twice its length is longer instead.
  func ends(with move: UInt64) -> Bool {
    guard span.contains(move) else { return false }
    var (end, length) = (span.lowerBound + first, first)
    while end <= move {
      length *= 2
      end += length
    }
    // The window of this move, unless no room is left for the next one.
    if end + 2 * length > span.upperBound { end = span.upperBound }
    return move + 1 == end
  }
}
