/// Mean and variance of a stream of numbers, in constant memory.
///
/// Welford's recurrence (1962) moves the mean instead of subtracting two large sums, so a small variance on top of a large
/// mean keeps its digits. Two streams join exactly up to rounding (Chan, Golub and LeVeque, 1979). The draws count as a
/// plain sample here: for the error of the mean of dependent draws see `BlockAverages`. A number that is not finite is
/// not refused and makes mean and variance not finite from then on.
public struct RunningMoments: Sendable, Equatable, Codable {
  /// How many numbers were added.
  public private(set) var count = 0
  /// Their mean; 0 before the first.
  public private(set) var mean = 0.0
  /// Sum of the squared deviations from the mean.
  private var squares = 0.0

  /// Moments of nothing yet.
  public init() {}

  /// Adds one number.
  public mutating func add(_ value: Double) {
    count += 1
    let deviation = value - mean
    mean += deviation / Double(count)
    squares += deviation * (value - mean)
  }

  /// Adds all numbers of another stream.
  package mutating func merge(_ other: RunningMoments) {
    guard other.count > 0 else { return }
    let total = Double(count + other.count)
    let distance = other.mean - mean
    squares += other.squares + distance * distance * Double(count) * Double(other.count) / total
    mean += distance * Double(other.count) / total
    count += other.count
  }

  /// Unbiased variance; `nil` for fewer than two numbers.
  package var variance: Double? { count > 1 ? squares / Double(count - 1) : nil }

  /// Square root of the unbiased variance; `nil` for fewer than two numbers.
  public var standardDeviation: Double? { variance?.squareRoot() }
}
