/// The part of the energy that does not depend on the data: -log prior, up to a constant and a factor 1/T.
///
/// The prior enters every energy once and in full, whatever the minibatch is. Biases are treated like weights.
public enum Prior<Element: Scalar>: Sendable {
  /// No preference.
  case flat
  /// precision |theta|^2 / 2: ridge, weight decay.
  case gaussian(precision: Double)
  /// A precision for each named block; `layer1` stands for all blocks of the layer. Unnamed blocks are flat.
  case perBlock([String: Double])
  /// sum_i precision_i theta_i^2 / 2
  case perParameter(Tensor<Element>)
  /// precision |theta|^2 / 2 + tether |theta - anchor|^2 / 2
  case anchored(precision: Double, tether: Double, anchor: Tensor<Element>)
  /// T sum_i |theta_i| / scale: at temperature T the Laplace law of density exp(-|x|/scale) for each parameter.
  case laplace(scale: Double, temperature: Double)
  /// T sum_i (degrees + 1)/2 log(1 + theta_i^2/(degrees scale^2)): at temperature T Student's t law for each parameter.
  case studentT(degrees: Double, scale: Double, temperature: Double)
  /// T sum_B l_B |theta_B|^2 / 2 over the blocks B, each with a precision l_B of its own that is sampled along with the
  /// parameters by Gibbs steps.
  case sampledPrecisions(shape: Double = 2, rate: Double? = nil, interval: Int = 10, temperature: Double)
}
