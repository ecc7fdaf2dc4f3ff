import LangevinCore

/// Finds the step at which the energy error has a wanted variance per dimension, EEVPD = Var(dE)/d.
///
/// The variance goes as the sixth power of the step, so each dE is an estimate of the step to take; the estimates are averaged
/// with weights that trust those near the target (the rule of MCLMC as BlackJAX 1.7.1 has it):
///
///     xi = dE^2/(d target) + 1e-8,   q = exp(-(log xi/(6 trust))^2/2),   trust = 1.5
///     A = f A + q xi/eps^6,   W = f W + q,   f = 149/151,      eps = min((A/W)^(-1/6), cap)
///
/// A step that failed lowers the cap to 0.8 eps, for good.
package struct EnergyErrorRule: Sendable {
  /// eps of the next step.
  package private(set) var stepSize: Double
  /// What eps never exceeds again.
  package private(set) var cap = Double.infinity
  /// L: a step is not longer than the length over which the direction is forgotten.
  package var limit = Double.infinity
  private var sum = 0.0
  private var weight = 0.0
  /// d times the wanted variance.
  private let target: Double

  package init(from stepSize: Double, target: Double, dimension: Int) {
    self.stepSize = stepSize
    self.target = Double(dimension) * target
  }

  /// Learns from the energy error of a step; nil if there was none to be had.
  package mutating func learn(energyError: Double?) {
    let square = energyError.map { $0 * $0 } ?? .infinity
    if !square.isFinite { cap = 0.8 * stepSize }
    let ratio = (square.isFinite ? square / target : 0) + 1e-8
    let doubt = Math.log(ratio) / (6 * 1.5)
    let trust = Math.exp(-doubt * doubt / 2)
    let kept = 149.0 / 151
    sum = kept * sum + trust * ratio * Math.pow(stepSize, -6)
    weight = kept * weight + trust
    let wanted = Math.pow(sum / weight, -1.0 / 6)
    stepSize = min(wanted.isFinite ? wanted : stepSize, cap, limit)
  }

  /// Starts the averages anew with a unit of length that is `factor` times as long.
  package mutating func restart(unit factor: Double = 1) {
    (sum, weight) = (0, 0)
    stepSize /= factor
    cap /= factor
  }

  package mutating func archive(in archive: inout some StateArchive) throws {
    try archive.field("stepSize", &stepSize)
    try archive.field("cap", &cap)
    try archive.field("limit", &limit)
    try archive.field("sum", &sum)
    try archive.field("weight", &weight)
  }
}
