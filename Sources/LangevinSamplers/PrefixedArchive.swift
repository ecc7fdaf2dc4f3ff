import LangevinCore

/// An archive in which every name begins with a prefix, for a state inside a state.
package struct PrefixedArchive<Base: StateArchive>: StateArchive {
  package var base: Base
  private let prefix: String

  package init(base: Base, prefix: String) {
    self.base = base
    self.prefix = prefix
  }

  package mutating func field(_ name: String, _ value: inout UInt64) throws { try base.field(prefix + name, &value) }
  package mutating func field(_ name: String, _ value: inout Double) throws { try base.field(prefix + name, &value) }
  package mutating func field(_ name: String, _ value: inout [Double]) throws { try base.field(prefix + name, &value) }
  package mutating func field<Element: Scalar>(_ name: String, _ value: inout Tensor<Element>) throws {
    try base.field(prefix + name, &value)
  }
}
