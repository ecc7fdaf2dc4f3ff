import LangevinPlatform

/// The likelihoods that are built in: the negative logarithms of densities, without the terms that no parameter enters.
///
/// Outputs that are scales s stand for sd = log(1 + e^s) + 1e-6, so that no sd is 0; the means of all targets come first,
/// then their scales.
public enum Loss: Hashable, Sendable {
  /// -log softmax(outputs)[class]
  case crossEntropy
  /// log(1 + e^o) - y o on one output o, the logit of class 1.
  case binaryCrossEntropy
  /// |outputs - targets|^2 / 2, summed over the outputs.
  case squaredError
  /// (y - m)^2/(2 sd^2) + log sd, summed over the targets: a network with a mean and a scale for each target learns how far
  /// the targets scatter, and where.
  case gaussian
  /// (degrees + 1)/2 log(1 + (y - o)^2/(degrees scale^2)): Student's t law about the output, which forgives outliers.
  case studentT(degrees: Double = 4, scale: Double = 1)
  /// The same with a mean and a scale for each target, and log sd: for many degrees it becomes ``gaussian``.
  case scaledStudentT(degrees: Double = 4)
  /// e^o - y o for counts y: a Poisson law whose rate is e^o.
  case poisson
  /// (y + shape) log(1 + e^o/shape) - y o for counts that scatter more than Poisson's: the mean is e^o, the variance
  /// e^o + e^2o/shape.
  case negativeBinomial(shape: Double = 1)
  /// log(1 + e^o) - y o, summed over outputs: labels of which several may hold, each with a logit of its own.
  case bernoulli

  /// The targets that so many outputs speak of.
  package func targetCount(outputs: Int) -> Int { hasScales ? outputs / 2 : outputs }

  /// Whether half of the outputs are scales.
  package var hasScales: Bool {
    switch self {
    case .gaussian, .scaledStudentT: true
    default: false
    }
  }
}

extension Loss: LossFunction {
  /// The name, and after a colon the parameters: `student-t:nu=4,sd=1`.
  public var name: String {
    switch self {
    case .crossEntropy: "cross-entropy"
    case .binaryCrossEntropy: "binary-cross-entropy"
    case .squaredError: "squared-error"
    case .gaussian: "gaussian"
    case .studentT(let degrees, let scale): "student-t:nu=\(degrees),sd=\(scale)"
    case .scaledStudentT(let degrees): "student-t-scale:nu=\(degrees)"
    case .poisson: "poisson"
    case .negativeBinomial(let shape): "negative-binomial:r=\(shape)"
    case .bernoulli: "bernoulli"
    }
  }

  /// What it is a likelihood of.
  public var targets: LossTargets {
    switch self {
    case .crossEntropy, .binaryCrossEntropy: .classes
    case .squaredError, .gaussian, .studentT, .scaledStudentT: .values
    case .poisson, .negativeBinomial: .counts
    case .bernoulli: .shares
    }
  }

  /// One for each target or class; one for two classes; a mean and a scale for each target.
  public func outputCount(targets: Int) -> Int {
    self == .binaryCrossEntropy ? 1 : hasScales ? 2 * targets : targets
  }

  /// The formula, in plain arithmetic; the kernels agree with it to rounding.
  public func value(of outputs: [Double], target: [Double], gradient: inout [Double]) -> Double {
    switch self {
    case .crossEntropy:
      let (label, largest) = (Int(target[0]), outputs.max() ?? 0)
      let sum = outputs.reduce(0) { $0 + Math.exp($1 - largest) }
      for index in outputs.indices {
        gradient[index] = Math.exp(outputs[index] - largest) / sum - (index == label ? 1 : 0)
      }
      return Math.log(sum) + largest - outputs[label]
    case .gaussian, .scaledStudentT:
      return target.indices.reduce(0) { total, index in
        let scale = target.count + index
        let sd = Self.deviation(outputs[scale])
        let z = (target[index] - outputs[index]) / sd
        let rho = Self.rho(z, degrees: degrees)
        gradient[index] = -rho.slope / sd
        gradient[scale] = Self.sigmoid(outputs[scale]) / sd * (1 - z * rho.slope)
        return total + rho.value + Math.log(sd)
      }
    default:
      return target.indices.reduce(0) { total, index in
        let curve = curve(at: outputs[index], target[index])
        gradient[index] = curve.slope
        return total + curve.value
      }
    }
  }

  /// n/2 log(2 pi) and the like; what the squared error leaves out depends on the noise that it stands for.
  public func constant(target: [Double]) -> Double {
    target.reduce(0) { total, y in
      switch self {
      case .crossEntropy, .binaryCrossEntropy, .bernoulli, .squaredError: total
      case .gaussian: total + Math.log(2 * .pi) / 2
      case .scaledStudentT(let degrees): total + Self.studentConstant(degrees, scale: 1)
      case .studentT(let degrees, let scale): total + Self.studentConstant(degrees, scale: scale)
      case .poisson: total + logGamma(y + 1)
      case .negativeBinomial(let shape):
        total + logGamma(y + 1) + logGamma(shape) - logGamma(y + shape) + y * Math.log(shape)
      }
    }
  }

  /// sd = log(1 + e^s) + 1e-6 of a scale s.
  package static func deviation(_ scale: Double) -> Double { softplus(scale) + 1e-6 }
  /// The scale whose sd is 1: where a common noise starts, since scaled targets have it.
  package static let unitScale = 0.541_324_854_6

  private var degrees: Double? { if case .scaledStudentT(let degrees) = self { degrees } else { nil } }

  /// The loss of one target with one output, and its derivative.
  private func curve(at o: Double, _ y: Double) -> (value: Double, slope: Double) {
    switch self {
    case .studentT(let degrees, let scale):
      let rho = Self.rho((y - o) / scale, degrees: degrees)
      return (rho.value, -rho.slope / scale)
    case .poisson: return (Math.exp(o) - y * o, Math.exp(o) - y)
    case .negativeBinomial(let shape):
      let x = o - Math.log(shape)
      return ((y + shape) * Self.softplus(x) - y * o, (y + shape) * Self.sigmoid(x) - y)
    case .bernoulli, .binaryCrossEntropy: return (Self.softplus(o) - y * o, Self.sigmoid(o) - y)
    default: return ((o - y) * (o - y) / 2, o - y)
    }
  }

  /// z^2/2, or (degrees + 1)/2 log(1 + z^2/degrees), and its derivative.
  private static func rho(_ z: Double, degrees: Double?) -> (value: Double, slope: Double) {
    guard let degrees else { return (z * z / 2, z) }
    return ((degrees + 1) / 2 * Math.log1p(z * z / degrees), (degrees + 1) * z / (degrees + z * z))
  }

  private static func studentConstant(_ degrees: Double, scale: Double) -> Double {
    logGamma(degrees / 2) - logGamma((degrees + 1) / 2) + Math.log(degrees * .pi * scale * scale) / 2
  }

  private static func softplus(_ x: Double) -> Double { max(x, 0) + Math.log1p(Math.exp(-abs(x))) }
  private static func sigmoid(_ x: Double) -> Double { 1 / (1 + Math.exp(-x)) }
}

// MARK: Names

extension Loss {
  /// The losses by their names, with the usual parameters.
  package static let all: [Loss] = [
    .crossEntropy, .binaryCrossEntropy, .squaredError, .gaussian, .studentT(), .scaledStudentT(), .poisson,
    .negativeBinomial(), .bernoulli,
  ]

  /// Their names.
  package static var names: [String] { all.map { String($0.name.prefix { $0 != ":" }) } }

  /// The loss of that name, with its parameters after a colon: `poisson`, `student-t:nu=3`.
  package init(named text: String) throws(LangevinError) {
    let name = text.prefix { $0 != ":" }
    guard let place = Self.names.firstIndex(where: { $0 == name }) else {
      throw .value(of: "the loss", found: "'\(text)'", expected: "one of \(Self.names.joined(separator: ", "))")
    }
    let usual = Self.all[place]
    let parameters = try NamedNumbers(
      text, in: "the loss", defaults: NamedNumbers(usual.name, in: "the loss").values
    ) { $0 > 0 }
    switch usual {
    case .studentT: self = .studentT(degrees: parameters["nu"], scale: parameters["sd"])
    case .scaledStudentT: self = .scaledStudentT(degrees: parameters["nu"])
    case .negativeBinomial: self = .negativeBinomial(shape: parameters["r"])
    default: self = usual
    }
  }
}
