import LangevinCore

/// The masses of a pseudo-Langevin chain and the variances that they were made for: what algorithm U carries.
///
/// The temperature ratios follow from the two, r_i = v_i dt^2 / (4 M_i T m1^2), always with the variance as measured:
/// floors enter masses only, so that no component gets less noise than it needs.
package struct ControlledMasses<Element: Scalar>: Sendable {
  /// 1/M_i.
  package var inverse: Tensor<Element>
  /// v_i, as measured at the last update.
  package var variances: Tensor<Element>
  /// Updates in a row that found the variances calm, counted from 1.
  package var streak: UInt64 = 1
  /// Updates in a row that found every component above the cap.
  package var cappedInARow: UInt64 = 0

  /// What an update did.
  package struct Change {
    /// Whether the momentum of a component has to be drawn anew.
    package var redrawn: [Bool]
    package var cappedShare = 0.0
    package var flooredShare = 0.0
  }

  package init(count: Int) {
    inverse = Tensor(zeros: count)
    variances = Tensor(zeros: count)
  }

  /// r_i.
  package func ratio(_ index: Int, _ bookkeeping: NoiseBookkeeping) -> Double {
    bookkeeping.ratio(variance: Double(variances[index]), inverseMass: Double(inverse[index]))
  }

  /// Step 2 of algorithm P and of algorithm U: every mass from the formula (M) with the wanted ratio.
  package mutating func reset(
    to new: Tensor<Element>, ratio: Double, rule: GradientVariance, layout: ParameterLayout,
    bookkeeping: NoiseBookkeeping
  ) -> Change {
    update(
      to: new, ratio: ratio, cap: ratio, always: { _ in true }, rule: rule, layout: layout, bookkeeping: bookkeeping)
  }

  /// Step 3: masses are kept, but for components above the cap and those told to be reset, which get (M) with the ratio.
  ///
  /// A component within rounding of the cap stays as it is.
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  package mutating func update(
    to new: Tensor<Element>, ratio: Double, cap: Double, always isReset: (Int) -> Bool = { _ in false },
    rule: GradientVariance,
    layout: ParameterLayout, bookkeeping: NoiseBookkeeping
  ) -> Change {
    var change = Change(redrawn: Array(repeating: false, count: new.count))
    var (capped, floored) = (0, 0)
    for (range, floor) in rule.floors(of: new, layout: layout) {
      for index in range {
        let variance = Double(new[index])
        let isCapped =
          bookkeeping.ratio(variance: variance, inverseMass: Double(inverse[index])) > cap * (1 + 1e-6)
        if variance <= floor { floored += 1 }
        if isCapped { capped += 1 }
        if isCapped || isReset(index) {
          inverse[index] = Element(1 / bookkeeping.mass(variance: max(variance, floor), ratio: ratio))
          change.redrawn[index] = true
        }
      }
    }
    variances = new
    change.cappedShare = Double(capped) / Double(new.count)
    change.flooredShare = Double(floored) / Double(new.count)
    return change
  }

  @specialized(where Element == Float)
  @specialized(where Element == Double)
  fileprivate func amplitudes(at stage: NoiseBookkeeping.Stage, _ bookkeeping: NoiseBookkeeping) -> Tensor<Element> {
    var amplitudes = inverse
    for index in 0..<amplitudes.count {
      let ratio = ratio(index, bookkeeping)
      amplitudes[index] = Element(bookkeeping.amplitude(at: stage, ratio: ratio, inverseMass: Double(inverse[index])))
    }
    return amplitudes
  }

  package mutating func archive(in archive: inout some StateArchive) throws {
    try archive.field("masses.inverse", &inverse)
    try archive.field("masses.variances", &variances)
    try archive.field("masses.streak", &streak)
    try archive.field("masses.cappedInARow", &cappedInARow)
  }
}

/// The standard deviation of the noise to add, for each stage of a segment and each component: derived from the masses.
package struct NoiseAmplitudes<Element: Scalar>: Sendable {
  package var opening, middle, closing: Tensor<Element>

  package init(_ masses: ControlledMasses<Element>, _ bookkeeping: NoiseBookkeeping) {
    opening = masses.amplitudes(at: .opening, bookkeeping)
    middle = masses.amplitudes(at: .middle, bookkeeping)
    closing = masses.amplitudes(at: .closing, bookkeeping)
  }

  package subscript(stage: NoiseBookkeeping.Stage) -> Tensor<Element> {
    switch stage {
    case .opening: opening
    case .middle: middle
    case .closing: closing
    }
  }
}
