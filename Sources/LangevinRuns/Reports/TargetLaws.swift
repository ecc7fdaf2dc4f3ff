import LangevinCore
import LangevinData
import LangevinDiagnostics
import LangevinPlatform

/// What the outputs of a network say of real targets, in the units of the file.
struct TargetLaws {
  /// The number of targets of an example.
  let width: Int
  /// How the target was scaled.
  let scaling: Preprocessing.Scaling
  private let hasScales: Bool
  private let noise: Double

  /// The laws of a run whose losses are those of the record's temperature.
  init(of run: CheckedConfiguration, temperature: Double?, trainingCount: Int, targetWidth: Int) {
    width = targetWidth
    scaling = run.rule?.target?.scaling ?? Preprocessing.Scaling()
    hasScales = run.network.loss == .gaussian
    // exp(-U/T) with squared errors in U is a product of normal laws of this width.
    let variance = (temperature ?? 0) * (run.network.normalisation == .mean ? Double(trainingCount) : 1)
    noise = hasScales ? 0 : variance.squareRoot()
  }

  /// The law of one target of an example.
  func law<Element: Scalar>(_ outputs: Tensor<Element>, _ example: Int, _ target: Int) -> PredictiveLaw {
    var deviation = noise
    if hasScales {
      // sd = log(1 + e^s) + 1e-6, as the loss has it.
      let scale = Double(outputs[example, width + target])
      deviation = max(scale, 0) + Math.log1p(Math.exp(-abs(scale))) + 1e-6
    }
    return .normal(
      mean: scaling.undone(Double(outputs[example, target])), deviation: scaling.undone(spread: deviation))
  }
}
