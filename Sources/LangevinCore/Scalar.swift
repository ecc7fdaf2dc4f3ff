import CLangevinKernels

/// The two kinds of numbers that the kernels know: `Float`, for networks, and `Double`, for truth.
///
/// Energies and statistics are `Double` whatever the scalar of the parameters is.
public protocol Scalar: BinaryFloatingPoint, BitwiseCopyable, Sendable, CustomStringConvertible {
  /// The compiled arithmetic for this type.
  static var kernels: Kernels<Self> { get }
}

extension Float: Scalar {
  /// Single precision.
  public static let kernels = Kernels<Float>(
    forward: lk_forward_f32, inputGradient: lk_input_gradient_f32, weightGradient: lk_weight_gradient_f32,
    weightSecondMoment: lk_weight_second_moment_f32, activate: lk_activate_f32,
    activationBackward: lk_activation_backward_f32,
    rForward: lk_r_forward_f32, rBackward: lk_r_backward_f32, crossEntropy: lk_cross_entropy_f32,
    binaryCrossEntropy: lk_binary_cross_entropy_f32, squaredError: lk_squared_error_f32,
    crossEntropyR: lk_cross_entropy_r_f32, binaryCrossEntropyR: lk_binary_cross_entropy_r_f32,
    countErrors: lk_count_errors_f32, softmax: lk_softmax_f32, normals: lk_normals_f32, uniforms: lk_uniforms_f32,
    linearPass: lk_linear_pass_f32, dot: lk_dot_f32, weightedSquare: lk_weighted_square_f32, axpby: lk_axpby_f32,
    adamPass: lk_adam_pass_f32, harmonic: lk_harmonic_f32, firstNonFinite: lk_first_nonfinite_f32)
}

extension Double: Scalar {
  /// Double precision.
  public static let kernels = Kernels<Double>(
    forward: lk_forward_f64, inputGradient: lk_input_gradient_f64, weightGradient: lk_weight_gradient_f64,
    weightSecondMoment: lk_weight_second_moment_f64, activate: lk_activate_f64,
    activationBackward: lk_activation_backward_f64,
    rForward: lk_r_forward_f64, rBackward: lk_r_backward_f64, crossEntropy: lk_cross_entropy_f64,
    binaryCrossEntropy: lk_binary_cross_entropy_f64, squaredError: lk_squared_error_f64,
    crossEntropyR: lk_cross_entropy_r_f64, binaryCrossEntropyR: lk_binary_cross_entropy_r_f64,
    countErrors: lk_count_errors_f64, softmax: lk_softmax_f64, normals: lk_normals_f64, uniforms: lk_uniforms_f64,
    linearPass: lk_linear_pass_f64, dot: lk_dot_f64, weightedSquare: lk_weighted_square_f64, axpby: lk_axpby_f64,
    adamPass: lk_adam_pass_f64, harmonic: lk_harmonic_f64, firstNonFinite: lk_first_nonfinite_f64)
}

/// The kernels for one scalar type: the C functions of `langevin_kernels.h`, with the same arguments in the same order.
public struct Kernels<Element: Scalar>: Sendable {
  package typealias In = UnsafePointer<Element>
  package typealias Out = UnsafeMutablePointer<Element>
  package typealias Rows = UnsafePointer<Int32>
  package typealias ClassLoss = @Sendable (In, Int, Rows, Rows?, Int, Int, Element, Out?, Int) -> Double

  package let forward: @Sendable (In, In?, Int, Int, In, Int, Rows?, Int, lk_activation, Bool, Out?, Out, Int) -> Void
  package let inputGradient: @Sendable (In, Int, Int, In, Int, Int, lk_activation, In?, Int, Bool, Out, Int) -> Void
  package let weightGradient:
    @Sendable (In, Int, Int, In, Int, Rows?, Int, Int, Element, Bool, Element, In?, In?, Out, Out?) -> Void
  package let weightSecondMoment: @Sendable (In, Int, Int, In, Int, Rows?, Int, Int, Element, Bool, Out, Out?) -> Void
  package let activate: @Sendable (lk_activation, In, Out, Int) -> Void
  package let activationBackward: @Sendable (lk_activation, In, Int, Out, Int, Int, Int) -> Void
  package let rForward: @Sendable (lk_activation, In, In, Out, Int) -> Void
  package let rBackward: @Sendable (lk_activation, In, In, Out, Out, Int) -> Void
  package let crossEntropy: ClassLoss
  package let binaryCrossEntropy: @Sendable (In, Int, Rows, Rows?, Int, Element, Out?, Int) -> Double
  package let squaredError: @Sendable (In, Int, In, Int, Rows?, Int, Int, Element, Out?, Int) -> Double
  package let crossEntropyR: @Sendable (In, In, Int, Int, Int, Element, Out) -> Void
  package let binaryCrossEntropyR: @Sendable (In, In, Int, Int, Element, Out) -> Void
  package let countErrors: @Sendable (In, Int, Rows, Rows?, Int, Int) -> Int64
  package let softmax: @Sendable (In, Int, Int, Int, Out, Int) -> Void
  package let normals: @Sendable (lk_noise_key, Int64, Int, Out) -> Void
  package let uniforms: @Sendable (lk_noise_key, Int64, Int, Out) -> Void
  package let linearPass:
    @Sendable (
      UnsafePointer<lk_pass>, Int64, Int, Out, Out?, In, In?, In?, UnsafePointer<In?>?, UnsafeMutablePointer<lk_sums>?
    ) -> Void
  package let dot: @Sendable (In, In, Int) -> Double
  package let weightedSquare: @Sendable (In?, In, Int) -> Double
  package let axpby: @Sendable (Double, In, Double, Out, Int) -> Void
  package let adamPass: @Sendable (Double, Double, Double, Double, In, Out, Out, Out, Int) -> Void
  package let harmonic: @Sendable (Double, In?, In?, In, Out, Int) -> Double
  package let firstNonFinite: @Sendable (In, Int) -> Int
}
