import LangevinCore
import LangevinData
import LangevinDiagnostics

extension Loss {
  /// The law that a network predicts for a target, in the units of the file: from what it says of the target, for `bernoulli`
  /// the probability, from what it says of its scale where the loss has scales, and from the deviation that a squared error
  /// stands for.
  func predictive(
    _ output: Double, scale: Double, noise: Double, in scaling: Preprocessing.Scaling
  ) -> PredictiveLaw {
    switch self {
    case .gaussian, .squaredError:
      let deviation = hasScales ? Self.deviation(scale) : noise
      return .normal(mean: scaling.undone(output), deviation: scaling.undone(spread: deviation))
    case .studentT(let degrees, let scale):
      return .student(degrees: degrees, location: scaling.undone(output), scale: scaling.undone(spread: scale))
    case .scaledStudentT(let degrees):
      return .student(
        degrees: degrees, location: scaling.undone(output), scale: scaling.undone(spread: Self.deviation(scale)))
    case .poisson: return .poisson(rate: Math.exp(output))
    case .negativeBinomial(let shape): return .negativeBinomial(shape: shape, mean: Math.exp(output))
    case .bernoulli, .binaryCrossEntropy, .crossEntropy: return .bernoulli(probability: output)
    }
  }
}
