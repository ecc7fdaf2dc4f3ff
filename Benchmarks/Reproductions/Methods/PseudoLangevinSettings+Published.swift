import Langevin

extension PseudoLangevinSettings {
  /// The rule of arXiv 2603.15367: r = 0.01, and masses that follow the noise for ever, which biases the law.
  package mutating func followLikeThePaper() {
    ratio = 0.01
    settling = .max
  }

  /// Masses measured at the start and then kept, as measurements along fixed directions need it.
  package mutating func keepMasses(ratio: Double) {
    self.ratio = ratio
    updateEvery = .max
  }
}
