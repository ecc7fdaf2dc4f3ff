import LangevinCore

/// Finds the step size that gives a wanted acceptance, by dual averaging of its logarithm (Hoffman and Gelman, 2014).
package struct DualAveraging: Sendable {
  /// log dt of the next move.
  package private(set) var logStep: Double
  /// The average that is kept in the end.
  private var logAverage: Double
  private var error = 0.0
  private var count = 0.0
  /// Steps are drawn towards ten times the first one, so that the search errs on the long side.
  private var center: Double

  package init(from step: Double) {
    logStep = Math.log(step)
    logAverage = logStep
    center = logStep + Math.log(10)
  }

  /// dt while it adapts.
  package var step: Double { Math.exp(logStep) }
  /// dt after adaptation.
  package var averagedStep: Double { Math.exp(logAverage) }

  /// Learns from the acceptance probability of one move.
  package mutating func learn(acceptance: Double, target: Double) {
    count += 1
    let weight = 1 / (count + 10)
    error += weight * (target - acceptance - error)
    logStep = center - count.squareRoot() / 0.05 * error
    logAverage += Math.pow(count, -0.75) * (logStep - logAverage)
  }

  package mutating func archive(in archive: inout some StateArchive) throws {
    try archive.field("adaptation.logStep", &logStep)
    try archive.field("adaptation.logAverage", &logAverage)
    try archive.field("adaptation.error", &error)
    try archive.field("adaptation.count", &count)
    try archive.field("adaptation.center", &center)
  }
}
