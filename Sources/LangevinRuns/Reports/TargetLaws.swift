import LangevinCore
import LangevinData
import LangevinDiagnostics

/// What the outputs of a network say of real targets, in the units of the file.
struct TargetLaws {
  /// The number of targets of an example.
  let width: Int
  /// How the target was scaled.
  let scaling: Preprocessing.Scaling
  private let loss: Loss
  private let noise: Double

  /// The laws of a run whose losses are those of the record's temperature.
  init(of run: CheckedConfiguration, temperature: Double?, trainingWeight: Double, targetWidth: Int) {
    width = targetWidth
    scaling = run.rule?.target?.scaling ?? Preprocessing.Scaling()
    loss = run.network.loss ?? .squaredError
    // exp(-U/T) with squared errors in U is a product of normal laws of this width.
    let variance = (temperature ?? 0) * (run.network.normalisation == .mean ? trainingWeight : 1)
    noise = loss == .squaredError ? variance.squareRoot() : 0
  }

  /// The law of one target of an example.
  func law<Element: Scalar>(_ outputs: Tensor<Element>, _ example: Int, _ target: Int) -> PredictiveLaw {
    loss.predictive(
      Double(outputs[example, target]), scale: loss.hasScales ? Double(outputs[example, width + target]) : 0,
      noise: noise, in: scaling)
  }
}
