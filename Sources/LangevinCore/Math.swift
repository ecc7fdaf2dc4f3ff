import LangevinPlatform

/// The functions of the system's mathematics library, in the one place that imports it.
package enum Math {
  /// e^x
  package static func exp(_ x: Double) -> Double { systemExp(x) }
  /// e^x - 1
  package static func expm1(_ x: Double) -> Double { systemExpm1(x) }
  /// The natural logarithm.
  package static func log(_ x: Double) -> Double { systemLog(x) }
  /// log(1 + x)
  package static func log1p(_ x: Double) -> Double { systemLog1p(x) }
  /// The logarithm to base 10.
  package static func log10(_ x: Double) -> Double { systemLog10(x) }
  /// The sine.
  package static func sin(_ x: Double) -> Double { systemSin(x) }
  /// The cosine.
  package static func cos(_ x: Double) -> Double { systemCos(x) }
  /// The hyperbolic tangent.
  package static func tanh(_ x: Double) -> Double { systemTanh(x) }
  /// x^y
  package static func pow(_ x: Double, _ y: Double) -> Double { systemPow(x, y) }
}

// Inside `Math` its own names hide the system's.
private func systemExp(_ x: Double) -> Double { exp(x) }
private func systemExpm1(_ x: Double) -> Double { expm1(x) }
private func systemLog(_ x: Double) -> Double { log(x) }
private func systemLog1p(_ x: Double) -> Double { log1p(x) }
private func systemLog10(_ x: Double) -> Double { log10(x) }
private func systemSin(_ x: Double) -> Double { sin(x) }
private func systemCos(_ x: Double) -> Double { cos(x) }
private func systemTanh(_ x: Double) -> Double { tanh(x) }
private func systemPow(_ x: Double, _ y: Double) -> Double { pow(x, y) }
