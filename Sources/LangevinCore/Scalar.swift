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
  public static let kernels = Kernels<Float>(LK_F32)
}

extension Double: Scalar {
  /// Double precision.
  public static let kernels = Kernels<Double>(LK_F64)
}
