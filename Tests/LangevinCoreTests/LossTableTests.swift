import LangevinCore
import Testing

/// Losses against values and derivatives by automatic differentiation in double precision, on a network of biases alone, so
/// that the gradient by the biases is that by the outputs; their constants make densities of them that another library knows.
@Suite struct LossTableTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let loss: Loss
    let outputs, targets: [Double]
    let value: Double
    let gradient: [Double]
    /// Rows of the Hessian by the outputs, the first ones that there are.
    let hessian: [[Double]]
    /// What the loss leaves out; nil where the table says nothing.
    var constant: Double?
    var testDescription: String { "\(loss.name) at \(outputs)" }
  }

  static let halfLogTwoPi = 0.918938533205

  static let rows: [Row] = [
    Row(
      loss: .gaussian, outputs: [0.3, -0.7], targets: [1.1], value: 1.06015171906,
      gradient: [-4.92126600655, -2.41708349703],
      hessian: [[6.15158250818, 8.1001423131], [8.1001423131, 5.70709136553]],
      constant: halfLogTwoPi),
    Row(
      loss: .gaussian, outputs: [2, 5], targets: [1.1], value: 1.62693684635,
      gradient: [0.0359034791057, 0.191984170451],
      hessian: [[0.0398927545618, -0.0142461365853], [-0.0142461365853, -0.0342600398247]], constant: halfLogTwoPi),
    Row(
      loss: .gaussian, outputs: [1, -8], targets: [1.0005], value: -6.89265033999,
      gradient: [-4418.16138263, -1.20528444241],
      hessian: [[8836322.76527, 8808.57864454], [8808.57864454, 4.38708067992]], constant: halfLogTwoPi),
    Row(
      loss: .gaussian, outputs: [0.3, 1.2, -0.7, 0.4], targets: [1.1, -0.2], value: 2.14477578761,
      gradient: [-4.92126600655, 1.67946523715, -2.41708349703, -0.88604939513],
      hessian: [
        [6.15158250818, 0, 8.1001423131, 0], [0, 1.19961802653, 0, -2.20253497224],
        [8.1001423131, 0, 5.70709136553, 0], [0, -2.20253497224, 0, 2.24738266531],
      ], constant: 2 * halfLogTwoPi),
    Row(
      loss: .studentT(degrees: 4, scale: 1), outputs: [0.3], targets: [1.1], value: 0.371050012796,
      gradient: [-0.862068965517], hessian: [[0.780321046373]], constant: 0.980829253012),
    Row(
      loss: .studentT(degrees: 4, scale: 1), outputs: [0], targets: [25], value: 12.644592239,
      gradient: [-0.198728139905], hessian: [[-0.00784802383979]], constant: 0.980829253012),
    Row(
      loss: .scaledStudentT(degrees: 4), outputs: [0.3, -0.7], targets: [1.1], value: 0.804751872308,
      gradient: [-3.10020036965, -1.21813259287],
      hessian: [[0.0307535292686, 2.57162999629], [2.57162999629, 1.88165597584]], constant: 0.980829253012),
    Row(
      loss: .poisson, outputs: [0.7], targets: [3], value: -0.0862472925295, gradient: [-0.98624729253],
      hessian: [[2.01375270747]], constant: 1.79175946923),
    Row(
      loss: .negativeBinomial(shape: 3), outputs: [0.7], targets: [3], value: 0.981434336658,
      gradient: [-0.590125211636], hessian: [[1.44195870577]], constant: 0.99325177301),
    Row(
      loss: .negativeBinomial(shape: 3), outputs: [2.5], targets: [0], value: 4.86459228702, gradient: [2.40721201515],
      hessian: [[0.475655453191]], constant: 0),
    Row(
      loss: .bernoulli, outputs: [0.7, -1.3, 0], targets: [1, 0, 1], value: 1.33734168328,
      gradient: [-0.331812227832, 0.214165016957, -0.5],
      hessian: [[0.221712873293, 0, 0], [0, 0.168298362469, 0], [0, 0, 0.25]], constant: 0),
    Row(loss: .bernoulli, outputs: [40], targets: [0], value: 40, gradient: [1], hessian: [[0]], constant: 0),
    Row(loss: .bernoulli, outputs: [-800], targets: [1], value: 800, gradient: [-1], hessian: [[0]], constant: 0),
  ]

  /// The weights of the one layer meet an input of 0.
  private func posterior<Element: Scalar>(
    _ row: Row, examples: Int, loss: any LossFunction
  ) throws -> (Posterior<Element>, Tensor<Element>) {
    let width = row.outputs.count
    let targets = (0..<examples).flatMap { _ in row.targets.map { Element($0) } }
    let data = try Examples<Element>(
      inputs: Tensor(shape: [examples, 1]), targets: .values(Tensor(shape: [examples, row.targets.count], targets)))
    let posterior = try Posterior(MLP([1, width]), examples: data, loss: loss)
    return (posterior, Tensor((Array(repeating: 0, count: width) + row.outputs).map { Element($0) }))
  }

  private func check<Element: Scalar>(
    _ row: Row, as type: Element.Type, loss: any LossFunction, examples: Int, tolerance: Double
  ) throws {
    let (posterior, position): (Posterior<Element>, Tensor<Element>) = try posterior(
      row, examples: examples, loss: loss)
    var (gradient, workspace) = (position, posterior.makeWorkspace())
    let energy = try posterior.evaluate(at: position, over: .all, gradient: &gradient, workspace: &workspace)
    #expect(abs(energy.cost - row.value) <= tolerance * max(1, abs(row.value)), "\(energy.cost)")
    let width = row.outputs.count
    for (index, expected) in row.gradient.enumerated() {
      let found = Double(gradient[width + index])
      #expect(abs(found - expected) <= tolerance * max(1, abs(expected)), "\(found) against \(expected)")
    }
  }

  @Test(arguments: rows, [1, 2, 17, 40])
  func valueAndGradient(row: Row, examples: Int) throws {
    for set in InstructionSet.allCases where set.isSupported {
      try set.use {
        try check(row, as: Double.self, loss: row.loss, examples: examples, tolerance: 2e-11)
        // A scale of e^-8 takes three digits of a target of 1 in single precision.
        let isNarrow = row.outputs == [1, -8]
        try check(row, as: Float.self, loss: row.loss, examples: examples, tolerance: isNarrow ? 2e-3 : 1e-5)
      }
    }
  }

  @Test(arguments: rows, [1, 3, 33])
  func secondDerivatives(row: Row, examples: Int) throws {
    for set in InstructionSet.allCases where set.isSupported {
      try set.use {
        let (posterior, position): (Posterior<Double>, Tensor<Double>) = try posterior(
          row, examples: examples, loss: row.loss)
        let width = row.outputs.count
        var workspace = posterior.makeWorkspace()
        for (place, expected) in row.hessian.enumerated() {
          var direction = Tensor<Double>(zeros: 2 * width)
          direction[width + place] = 1
          let product = try posterior.hessianProduct(with: direction, at: position, workspace: &workspace)
          for (index, value) in expected.enumerated() {
            #expect(abs(product[width + index] - value) <= 2e-11 * max(1, abs(value)), "\(place), \(index)")
          }
        }
      }
    }
  }

  @Test(arguments: rows)
  func constants(row: Row) {
    if let constant = row.constant {
      #expect(
        abs(row.loss.constant(target: row.targets) - constant) < 2e-11, "\(row.loss.constant(target: row.targets))")
    }
  }

  /// The same loss as someone's own, asked for one example at a time: values, gradients, and curvatures by differences.
  @Test(arguments: rows)
  func aLossOfOnesOwnIsTheSame(row: Row) throws {
    for examples in [1, 17, 40] {
      try check(row, as: Double.self, loss: Own(loss: row.loss), examples: examples, tolerance: 2e-11)
      try check(row, as: Float.self, loss: Own(loss: row.loss), examples: examples, tolerance: 2e-3)
    }
    let width = row.outputs.count
    let (posterior, position): (Posterior<Double>, Tensor<Double>) = try posterior(
      row, examples: 19, loss: Own(loss: row.loss))
    var workspace = posterior.makeWorkspace()
    for (place, expected) in row.hessian.enumerated() {
      var direction = Tensor<Double>(zeros: 2 * width)
      direction[width + place] = 1
      let product = try posterior.hessianProduct(with: direction, at: position, workspace: &workspace)
      for (index, value) in expected.enumerated() {
        #expect(abs(product[width + index] - value) < 1e-4 * max(1, abs(value)), "\(place), \(index)")
      }
    }
  }

  /// Hides the kernels of a loss.
  private struct Own: LossFunction {
    let loss: Loss
    var name: String { "own" }
    var targets: LossTargets { loss.targets }
    func outputCount(targets: Int) -> Int { loss.outputCount(targets: targets) }
    func value(of outputs: [Double], target: [Double], gradient: inout [Double]) -> Double {
      loss.value(of: outputs, target: target, gradient: &gradient)
    }
  }

  /// Classes, too, reach a loss of one's own: as their places.
  @Test(arguments: [Loss.crossEntropy, .binaryCrossEntropy])
  func classesOfALossOfOnesOwn(loss: Loss) throws {
    let classes = loss == .crossEntropy ? 3 : 2
    let network = try MLP([2, 5, loss.outputCount(targets: classes)], hidden: .tanh)
    let inputs = (0..<46).map { Double(7 * $0 % 11) / 5 - 1 }
    let examples = try Examples<Double>(
      inputs: Tensor(shape: [23, 2], inputs), targets: .classes((0..<23).map { Int32($0 % classes) }, count: classes))
    let theta: Tensor<Double> = network.initialParameters(from: RandomStream(seed: 3, purpose: .user))
    func gradient(_ loss: any LossFunction, _ batch: Minibatch) throws -> (Double, Tensor<Double>) {
      let posterior = try Posterior(network, examples: examples, loss: loss)
      var (gradient, workspace) = (theta, posterior.makeWorkspace())
      let energy = try posterior.evaluate(at: theta, over: batch, gradient: &gradient, workspace: &workspace)
      return (energy.cost, gradient)
    }
    for batch in [Minibatch.all, Minibatch(rows: [4, 4, 22, 0, 7])] {
      let (built, own) = (try gradient(loss, batch), try gradient(Own(loss: loss), batch))
      #expect(abs(built.0 - own.0) < 1e-13)
      for index in 0..<theta.count { #expect(abs(built.1[index] - own.1[index]) < 1e-13) }
    }
  }

  @Test func namesReadBack() throws {
    for loss in Loss.all + [
      .studentT(degrees: 2.5, scale: 0.1), .negativeBinomial(shape: 7), .scaledStudentT(degrees: 9),
    ] {
      #expect(try Loss(named: loss.name) == loss)
    }
    #expect(try Loss(named: "student-t:sd=2") == .studentT(degrees: 4, scale: 2))
    for wrong in [
      "student-t:nu=0", "student-t:nu", "student-t:mu=3", "poisson:r=1", "student-t:nu=3,nu=4", "student-t:",
    ] {
      #expect(throws: LangevinError.self) { try Loss(named: wrong) }
    }
  }

  /// Counts are whole, shares lie in 0...1: an example that is neither is named.
  @Test(arguments: [
    (Loss.poisson, 2.5), (.poisson, -1), (.negativeBinomial(), 0.5), (.bernoulli, 1.5), (.bernoulli, -0.1),
  ])
  func targetsAreChecked(loss: Loss, target: Double) throws {
    let targets = Tensor<Double>([1, 0, target])
    do {
      _ = try Posterior(
        MLP([1, 1]),
        examples: Examples(inputs: Tensor(shape: [3, 1]), targets: .values(Tensor(shape: [3, 1], targets.elements))),
        loss: loss)
      Issue.record("no error")
    } catch {
      #expect("\(error)".hasPrefix("a target in example 2, column 0 is \(target); expected"), "\(error)")
    }
  }
}
