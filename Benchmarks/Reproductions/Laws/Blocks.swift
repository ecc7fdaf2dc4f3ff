/// Means of several observables over consecutive blocks of a chain, long against its memory, or of several chains.
struct Blocks {
  private(set) var means: [[Double]] = []

  mutating func add(_ block: [Double]) { means.append(block) }

  /// A function of the overall means, without its leading bias, and its standard error.
  func jackknife(_ function: ([Double]) -> Double) -> (value: Double, standardError: Double) {
    let n = Double(means.count)
    let total = (means.first ?? []).indices.map { index in means.reduce(0) { $0 + $1[index] } }
    let whole = function(total.map { $0 / n })
    let parts = means.map { block in function(zip(total, block).map { ($0 - $1) / (n - 1) }) }
    let mean = parts.reduce(0, +) / n
    let spread = parts.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (n * whole - (n - 1) * mean, ((n - 1) / n * spread).squareRoot())
  }
}
