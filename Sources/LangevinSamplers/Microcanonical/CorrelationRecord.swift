import LangevinCore

/// Positions of a window of steps, a few coordinates of them, to tell how long they remember themselves.
///
/// At most 64 coordinates, evenly spaced among the parameters, and at most 1024 rows: memory is taken once.
package struct CorrelationRecord: Sendable {
  private var rows: [Double]
  private var count = 0
  private var seen: UInt64 = 0
  private let coordinates: Int
  /// Steps from one row to the next.
  private let stride: UInt64

  package init(steps: UInt64, dimension: Int) {
    coordinates = min(64, dimension)
    stride = max(1, (steps + 1023) / 1024)
    rows = Array(repeating: 0, count: coordinates * Int((steps + stride - 1) / stride))
  }

  /// The position after a step of the window.
  package mutating func add<Element>(_ position: Tensor<Element>) {
    defer { seen += 1 }
    guard seen % stride == 0, (count + 1) * coordinates <= rows.count else { return }
    for index in 0..<coordinates {
      rows[count * coordinates + index] = Double(position[index * position.count / coordinates])
    }
    count += 1
  }

  /// Integrated autocorrelation times in steps, of each coordinate and of its square.
  package var times: (positions: [Double], squares: [Double]) {
    var (positions, squares): ([Double], [Double]) = ([], [])
    for index in 0..<coordinates {
      let series = (0..<count).map { rows[$0 * coordinates + index] }
      positions.append(Double(stride) * Self.time(of: series))
      let mean = series.reduce(0, +) / Double(count)
      squares.append(Double(stride) * Self.time(of: series.map { ($0 - mean) * ($0 - mean) }))
    }
    return (positions, squares)
  }

  /// Steps that the rows span.
  package var steps: Double { Double(count) * Double(stride) }

  /// 1 + 2 (rho_1 + rho_2 + ...), summed in pairs while these are positive, and not rising (Geyer, 1992).
  static func time(of series: [Double]) -> Double {
    let count = series.count
    guard count > 3 else { return Double(max(count, 1)) }
    let mean = series.reduce(0, +) / Double(count)
    func covariance(_ lag: Int) -> Double {
      var sum = 0.0
      for i in 0..<count - lag { sum += (series[i] - mean) * (series[i + lag] - mean) }
      return sum / Double(count)
    }
    let variance = covariance(0)
    guard variance > 0 else { return Double(count) }
    var (sum, last, lag) = (-1.0, Double.infinity, 0)
    while lag + 1 < count {
      let pair = (covariance(lag) + covariance(lag + 1)) / variance
      if pair <= 0 { break }
      last = min(last, pair)
      sum += 2 * last
      lag += 2
    }
    // Alternating draws can make it tiny, or negative by noise.
    return max(sum, 1 / Math.log10(Double(count)))
  }

  package mutating func archive(in archive: inout some StateArchive) throws {
    try archive.field("rows", &rows)
    try archive.field("count", &count)
    try archive.field("seen", &seen)
  }
}
