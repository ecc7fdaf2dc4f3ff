import Langevin

/// Many independent copies of one well in one chain: each coordinate feels -dU/dq of its own, so averages over the copies
/// come with honest standard errors and a step costs little more than its arithmetic.
struct WellEnsemble: Potential {
  /// The wells of the reference page of the splittings.
  enum Well: String { case harmonic, quartic, doubleWell = "double well" }

  typealias Element = Double
  let well: Well
  let layout: ParameterLayout
  let exampleCount = 1

  init(_ well: Well, copies: Int) throws {
    self.well = well
    layout = try ParameterLayout(count: copies)
  }

  func evaluate(
    at position: Tensor<Double>, over batch: Minibatch, gradient: inout Tensor<Double>, workspace: inout Void
  ) throws(LangevinError) -> Energy {
    let q = position.span
    var g = gradient.mutableSpan
    switch well {
    case .harmonic: for i in q.indices { g[i] = q[i] }
    case .quartic: for i in q.indices { g[i] = q[i] * q[i] * q[i] }
    case .doubleWell: for i in q.indices { g[i] = 4 * q[i] * (q[i] * q[i] - 1) }
    }
    // The energy is not needed: what runs away shows in the momenta.
    return Energy(cost: 0)
  }
}

extension WellEnsemble {
  /// Averages over copies and steps, with standard errors from the spread over the copies.
  struct Averages {
    private var sums: [[Double]]
    private var count = 0

    init(observables: Int, copies: Int) {
      sums = Array(repeating: Array(repeating: 0, count: copies), count: observables)
    }

    /// Adds one value of each observable for each copy.
    mutating func add(_ values: (_ copy: Int) -> [Double]) {
      for copy in sums[0].indices {
        for (observable, value) in values(copy).enumerated() { sums[observable][copy] += value }
      }
      count += 1
    }

    /// Mean and standard error of an observable.
    subscript(observable: Int) -> (mean: Double, error: Double) {
      let means = sums[observable].map { $0 / Double(count) }
      return meanAndError(means)
    }
  }
}

/// The mean of independent numbers and its standard error.
func meanAndError(_ values: [Double]) -> (mean: Double, error: Double) {
  let mean = values.reduce(0, +) / Double(values.count)
  let square = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
  return (mean, (square / Double(values.count * (values.count - 1))).squareRoot())
}
