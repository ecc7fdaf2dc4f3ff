import Langevin

/// A way to train with two settings that are tried on a grid: the step size, and the temperature of a sampler or the batch of an
/// optimiser.
struct PartitionedMethod: Sendable {
  let name: String
  /// What else is set, for people.
  let fixed: String
  let stepSizes: [Double]
  /// Temperatures, or examples of a batch.
  let seconds: [Double]
  let isSampler: Bool
  let make: @Sendable (_ stepSize: Double, _ temperature: Double) throws -> any Sampler<Float>

  /// The points of the grid, all step sizes for the first of the others first.
  var points: [(stepSize: Double, second: Double)] { seconds.flatMap { second in stepSizes.map { ($0, second) } } }

  /// The sampler and its batch at a point of the grid.
  func sampler(at point: Int) throws -> (sampler: any Sampler<Float>, batch: Int?) {
    let (stepSize, second) = points[point]
    return (try make(stepSize, isSampler ? second : 0), isSampler ? nil : Int(second))
  }

  /// What was tried, and what was not.
  var box: String {
    func list(_ values: [Double]) -> String { values.map { Format.significant($0, 2) }.joined(separator: ", ") }
    let second = isSampler ? "temperature" : "batch"
    return "\(name): step size \(list(stepSizes)); \(second) \(list(seconds)); \(fixed)"
  }
}

extension PartitionedMethod {
  /// The six contestants. Step sizes lie around the published or usual one, each 2.5 times the one before; all have as many points.
  static func all(quick: Bool) -> [PartitionedMethod] {
    func around(_ middle: Double) -> [Double] {
      (quick ? [-1, 0, 1] : [-2, -1, 0, 1, 2]).map { middle * power(2.5, $0) }
    }
    let temperatures = quick ? [1e-5, 1e-3] : [1e-6, 1e-5, 1e-4, 1e-3]
    let batches: [Double] = quick ? [25, 100] : [10, 25, 50, 100]
    func sampler(
      _ name: String, _ fixed: String, _ make: @escaping @Sendable (Double, Double) throws -> any Sampler<Float>
    ) -> PartitionedMethod {
      PartitionedMethod(
        name: name, fixed: fixed, stepSizes: around(0.25), seconds: temperatures, isSampler: true, make: make)
    }
    func optimiser(
      _ name: String, _ fixed: String, _ middle: Double,
      _ make: @escaping @Sendable (Double) throws -> any Sampler<Float>
    ) -> PartitionedMethod {
      PartitionedMethod(
        name: name, fixed: fixed, stepSizes: around(middle), seconds: batches, isSampler: false
      ) { stepSize, _ in try make(stepSize) }
    }
    return [
      sampler("AdLaLa", "coupling 0.05, driving noise 0.01, friction 0.1 as published") {
        try Splitting<Float>.adLaLa(stepSize: .constant($0), temperatures: (.constant($1), .constant($1)))
      },
      // With the published friction of the second partition, 0.1, in both the noise of the minibatches heats it: see LawsSpirals.
      sampler("LaLa", "friction 1") {
        try Splitting<Float>.laLa(
          stepSize: .constant($0), temperatures: (.constant($1), .constant($1)), frictions: (1, 1))
      },
      sampler("LOL", "friction 0.1") {
        try Splitting<Float>.lol(stepSize: .constant($0), temperatures: (.constant($1), .constant($1)))
      },
      optimiser("SGD", "no momentum", 0.25) { try StochasticGradientDescent<Float>(stepSize: .constant($0)) },
      optimiser("momentum", "momentum 0.9", 0.05) {
        try StochasticGradientDescent<Float>(stepSize: .constant($0), momentum: 0.9)
      },
      optimiser("Adam", "decays 0.9 and 0.999", 0.005) { try Adam<Float>(stepSize: .constant($0)) },
    ]
  }

  private static func power(_ base: Double, _ exponent: Int) -> Double {
    (0..<exponent.magnitude).reduce(1.0) { value, _ in exponent < 0 ? value / base : value * base }
  }
}
