import LangevinCore
import LangevinSamplers

/// Adds the change of a prior to the energy and the gradient that a sampler keeps from one step to the next.
///
/// What a state keeps passes through its archive under the names that all samplers use; a state that keeps neither computes
/// both anew and is left as it is.
package struct PriorChange<Kept: Scalar>: StateArchive {
  private let energy: Double
  private let gradient: Tensor<Kept>
  /// Put in front of names.
  package var prefix = ""

  /// A change.
  package init(energy: Double, gradient: Tensor<Kept>) {
    self.energy = energy
    self.gradient = gradient
  }

  /// Changes what is kept.
  package mutating func field(_ name: String, _ value: inout Double) {
    if name == "energy.prior" { value += energy }
  }

  /// Changes what is kept.
  package mutating func field<Element: Scalar>(_ name: String, _ value: inout Tensor<Element>) {
    guard name == "gradient", value.count == gradient.count else { return }
    for index in 0..<value.count { value[index] += Element(gradient[index]) }
  }

  /// Changes what is kept.
  package mutating func field(_ name: String, _ value: inout UInt64) {}
  /// Changes what is kept.
  package mutating func field(_ name: String, _ value: inout String) {}
  /// Changes what is kept.
  package mutating func field(_ name: String, _ value: inout [Double]) {}
}
