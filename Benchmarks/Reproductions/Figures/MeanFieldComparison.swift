import Langevin
import LangevinTheory

/// Every theory and the sampled posterior on one task: a point of a learning curve or of a transition.
package struct MeanFieldComparison: Sendable {
  /// The network and its noise.
  package let model: MeanFieldModel
  /// nu of the adaptive theories to include.
  package var stiffnesses = [1.0, 0.3]
  /// The chains of the finite-data theories.
  package var theory: MeanFieldRegression
  /// The Langevin runs; their starts alternate between the prior and aligned weights.
  package var langevin: MeanFieldLangevin
  /// Whether to include the screened theory, whose cost grows as P^2.
  package var includesScreened = true
  /// The number of seeds of each theory, and of Langevin runs.
  package var repeats = 2
  /// Asked before each of a comparison's runs; once it says yes, the comparison ends with a `CancellationError`.
  package var isCancelled: @Sendable () -> Bool = { false }

  /// A comparison for one network.
  package init(_ model: MeanFieldModel) {
    self.model = model
    theory = MeanFieldRegression(model)
    langevin = MeanFieldLangevin(model)
  }

  /// What one method says, averaged over repeats.
  package struct Entry: Sendable {
    /// The method.
    package let name: String
    /// m of the mean predictor and its standard error over the repeats; 0 for methods without chance.
    package let overlap: Estimate
    /// The squared error of the mean predictor.
    package let squaredError: Double
    /// The share of wrong signs.
    package let errorRate: Double
    /// w2_S/w2_0
    package let anisotropy: Double
  }

  /// The names of all methods, in the order of the entries.
  package var methodNames: [String] {
    ["kernel", "plain"] + stiffnesses.map(Self.adaptive) + (includesScreened ? ["screened"] : []) + ["Langevin"]
  }

  private static func adaptive(_ stiffness: Double) -> String { "adaptive, nu \(stiffness)" }

  /// Runs all methods; the repeats are spread over the threads of `pool`, which changes no bit.
  package func run(_ task: ParityTask, seed: UInt64 = 0, pool: ThreadPool = .single) throws -> [Entry] {
    let kernel = try KernelRegression(model, inputs: task.data.inputs, targets: task.data.targets)
    let kernelScores = try task.scores(kernel.predictions(at: task.data.testInputs))
    var methods: [(name: String, solve: (Int) throws -> (predictions: [Double], weightSquares: [Double]))] = []
    func add(_ name: String, _ theory: MeanFieldRegression) {
      methods.append(
        (
          name,
          { number in
            let start: MeanFieldRegression.Start = number % 2 == 0 ? .prior : .aligned(task.relevant)
            let found = try theory.solve(task.data, from: start, seed: seed &+ UInt64(number))
            return (found.predictions, found.weightSquares)
          }
        ))
    }
    add("plain", theory)
    for stiffness in stiffnesses {
      var adaptive = theory
      adaptive.stiffness = stiffness
      add(Self.adaptive(stiffness), adaptive)
    }
    if includesScreened {
      var screened = theory
      screened.mode = .screened
      add("screened", screened)
    }
    methods.append(
      (
        "Langevin",
        { number in
          let start: MeanFieldLangevin.Start = number % 2 == 0 ? .prior : .aligned(task.relevant)
          let found = try langevin.solve(
            task.data, testTargets: task.testTargets, from: start, seed: seed, chain: number)
          return (found.predictions, found.weightSquares)
        }
      ))

    // The last methods take longest, so they come first.
    let results = try pool.map((0..<methods.count * repeats).reversed()) { item in
      guard !isCancelled() else { throw CancellationError() }
      return try methods[item / repeats].solve(item % repeats)
    }
    var entries = [
      Entry(
        name: "kernel", overlap: .init(value: kernelScores.overlap, standardError: 0),
        squaredError: kernelScores.squaredError, errorRate: kernelScores.errorRate, anisotropy: 1)
    ]
    for (index, method) in methods.enumerated() {
      let runs = (0..<repeats).map { results[results.count - 1 - index * repeats - $0] }
      let scores = try runs.map { try task.scores($0.predictions) }
      entries.append(
        Entry(
          name: method.name, overlap: Estimate(meanOfIndependent: scores.map(\.overlap)),
          squaredError: Estimate(meanOfIndependent: scores.map(\.squaredError)).value,
          errorRate: Estimate(meanOfIndependent: scores.map(\.errorRate)).value,
          anisotropy: Estimate(meanOfIndependent: runs.map { task.anisotropy($0.weightSquares) }).value))
    }
    return entries
  }
}

// MARK: Figures

extension MeanFieldComparison {
  /// m, squared error, share of wrong signs and weight anisotropy of every method against the number of training points.
  package func learningCurve(
    degree k: Int, points: [Int], testPoints: Int = 4000, seed: UInt64 = 0, pool: ThreadPool = .single
  ) throws -> ResultTable {
    var table = emptyTable("Learning curve at kappa \(model.noise), seed \(seed)", axis: .init("P"))
    for count in points {
      let task = try ParityTask(
        inputs: model.inputs, degree: k, points: count, testPoints: testPoints, seed: seed)
      table.add([Double(count)] + Self.numbers(try run(task, seed: seed, pool: pool)))
    }
    return table
  }

  /// The same against kappa, on the whole cube: infinitely many data.
  package func transition(
    degree k: Int, noises: [Double], seed: UInt64 = 0, pool: ThreadPool = .single
  ) throws -> ResultTable {
    var table = emptyTable("Transition on the whole cube, seed \(seed)", axis: .init("kappa"))
    let task = try ParityTask(wholeCube: model.inputs, degree: k)
    for noise in noises {
      table.add([noise] + Self.numbers(try with(noise: noise).run(task, seed: seed, pool: pool)))
    }
    return table
  }

  /// The same comparison at another noise.
  package func with(noise: Double) throws -> MeanFieldComparison {
    let model = try model.with(noise: noise)
    var other = MeanFieldComparison(model)
    (other.stiffnesses, other.repeats, other.includesScreened) = (stiffnesses, repeats, includesScreened)
    other.isCancelled = isCancelled
    other.theory = theory.with(model)
    other.langevin = langevin.with(model)
    return other
  }

  private static func numbers(_ entries: [Entry]) -> [Double] {
    entries.flatMap {
      [$0.overlap.value, $0.overlap.standardError, $0.squaredError, $0.errorRate, $0.anisotropy]
    }
  }

  private func emptyTable(_ title: String, axis: ResultTable.Column) -> ResultTable {
    let quantities = ["m", "m, error", "squared error", "error rate", "w2_S/w2_0"]
    return ResultTable(
      "\(title): d \(model.inputs), N \(model.width), gamma \(model.outputExponent), T = 2 kappa^2 with the mean loss; "
        + "\(repeats) runs of each method: \(theory.chains) chains in \(theory.outerSteps) rounds of \(theory.innerSteps) steps, "
        + "Langevin \(langevin.steps) steps of \(langevin.stepSize)",
      columns: [axis] + methodNames.flatMap { name in quantities.map { .init("\(name): \($0)") } })
  }
}
