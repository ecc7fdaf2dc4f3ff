import Langevin
import LangevinTheory
import Testing
import _LangevinTestSupport

@testable import LangevinReproduce

@Suite struct ContestTests {
  private struct Stop: Error {}

  private func easel(_ folder: String, threads: Int = 1) throws -> Easel {
    Easel(
      isQuick: true, seed: 3, pool: try ThreadPool(threads: threads), folder: folder, published: nil,
      talk: Talk(output: { _ in }, errors: { _ in }), interrupt: Interrupt())
  }

  /// Work that was stopped goes on where it was, and ends with the bytes of work that was not.
  @Test func piecesAreDoneOnce() throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let names = (0..<8).map { "task/method/\($0)" }
    let empty = ResultTable("seed 3", rows: "piece", columns: [.init("value"), .init("none")])
    func row(_ index: Int) -> [Double] { [1 / Double(index + 1), .nan] }
    let whole = try easel(temporary.path, threads: 2).gather(names, into: empty, as: "whole", row)
    #expect(whole.names == names && whole[row: names[2]]?[0] == 1.0 / 3)

    let cut = try easel(temporary.path)
    #expect(throws: Stop.self) {
      try cut.gather(names, into: empty, as: "cut") { index in
        if index == 5 { throw Stop() }
        return row(index)
      }
    }
    var done: [Int] = []
    _ = try cut.gather(names, into: empty, as: "cut") { index in
      done.append(index)
      return row(index)
    }
    #expect(done == [5])
    #expect(try temporary.text(of: "cut.csv") == temporary.text(of: "whole.csv"))
    // Under other conditions nothing of it counts.
    done = []
    _ = try cut.gather(names, into: ResultTable("seed 4", rows: "piece", columns: empty.columns), as: "cut") { index in
      done.append(index)
      return row(index)
    }
    #expect(done.count == 8)
  }

  /// Every method has as many trials as any other, and the same start and data at one seed.
  @Test(arguments: [true, false])
  func theGridsAreEquallyLarge(_ quick: Bool) throws {
    let methods = PartitionedMethod.all(quick: quick)
    #expect(Set(methods.map(\.points.count)) == [quick ? 6 : 20])
    for method in methods {
      let ratios = zip(method.stepSizes.dropFirst(), method.stepSizes).map { $0 / $1 }
      #expect(ratios.allSatisfy { abs($0 - 2.5) < 1e-12 }, "\(method.name)")
    }
  }

  @Test func pointsLieInTheirBox() {
    let box = Contestant.tempered.box
    let random = RandomStream(seed: 1, purpose: .user)
    for number in 0..<100 {
      let point = box.point(number, from: random)
      #expect(zip(box.sides, point).allSatisfy { $0.range.contains($1) })
    }
    #expect(box.point(3, from: random) == box.point(3, from: random))
    #expect(box.point(3, from: random) != box.point(4, from: random))
  }

  /// All methods come through a short training on every task, from the same start.
  @Test func everyContestantTrains() throws {
    for named in [NamedTask.sparseParity(epochs: 8, train: 100), .teacher(epochs: 8)] {
      let task = try named.make(5)
      #expect(task.start == task.start(number: 0) && task.start != task.start(number: 1))
      let before = try TrainingTask.score(task.training, at: task.start)
      for contestant in Contestant.all {
        let middle = contestant.box.sides.map { side in
          side.isLogarithmic
            ? (side.range.lowerBound * side.range.upperBound).squareRoot()
            : (side.range.lowerBound + side.range.upperBound) / 2
        }
        let end = try #require(try contestant.train(task, middle, named.epochs, 5).end, "\(contestant.name)")
        let after = try TrainingTask.score(task.training, at: end)
        #expect(after.loss < before.loss + 0.05, "\(contestant.name) on \(named.name)")
        #expect(end != task.start)
      }
    }
  }

  /// Of a linear network the Hessian is that of least squares.
  @Test func sharpnessOfLeastSquares() throws {
    let inputs = (0..<40).map { row -> [Double] in
      let (first, second) = (Double(row % 7), Double(row % 11))
      return [0.3 * first - 1, 0.1 * second, 1]
    }
    let rows = DenseMatrix(rows: inputs)
    let hessian = 1 / Double(inputs.count) * (rows.transpose * rows)
    let network = try MLP([3, 1], biases: false)
    let posterior = try Posterior(
      network,
      examples: Examples(
        inputs: Tensor(shape: [40, 3], inputs.joined().map { Float($0) }),
        targets: .values(Tensor(shape: [40, 1], Array(repeating: Float(0), count: 40)))),
      loss: .squaredError)
    let found = try Sharpness(
      of: posterior, at: Tensor([0, 0, 0]), probes: 400, random: RandomStream(seed: 2, purpose: .user))
    #expect(abs(found.trace.value - hessian.trace) < 4.9 * found.trace.standardError)
    #expect(found.trace.standardError < 0.1 * hessian.trace)
    let largest = try SymmetricEigen(hessian).values.last ?? 0
    #expect(abs(found.largestEigenvalue / largest - 1) < 1e-5)
    // On a step of length r in a random direction the loss rises by r^2 trace/(2 d), on average.
    #expect(abs(found.rise / (0.25 * hessian.trace / 6) - 1) < 0.15)
    #expect(found.relativeRise == 0)
  }

  @Test func quartiles() {
    let found = Quartiles([4, 1, 3, 2])
    #expect(found.low == 1.75 && found.median == 2.5 && found.high == 3.25)
  }

  /// The leading components have mean 0, variance 1 and no correlation.
  @Test func digitsAreReduced() throws {
    let digits = try ReducedDigits(count: 60, classes: 3, components: 4, seed: 1)
    let rows = DenseMatrix(rows: (0..<60).map(digits.examples.input))
    let moments = 1 / 60.0 * (rows.transpose * rows)
    #expect((moments - .identity(4)).frobeniusNorm < 1e-9)
    #expect(digits.share > 0.2 && digits.share < 1)
    guard case .classes(let labels, let count) = digits.examples.targets else {
      Issue.record("digits have classes")
      return
    }
    #expect(count == 3 && Set(labels) == [0, 1, 2])
  }

  /// A network's own gradients lead where those of the spelled-out regression do.
  @Test func currentsOfANetworkAreThoseOfTheRegression() throws {
    let regression = try TanhRegression.bump()
    for withoutReplacement in [false, true] {
      var one = try CurrentsRun(
        regression, batchSize: 10, stepSize: 1e-5, withoutReplacement: withoutReplacement, seed: 4)
      // The posterior's energy is s^2 = 0.01 times that of the regression.
      var other = try CurrentsRun(
        regression.posterior(), near: [1.283, 1.231, 0.705, -0.532, 0.928, -0.909, -0.009], batchSize: 10,
        stepSize: 1e-3, withoutReplacement: withoutReplacement, seed: 4)
      #expect((one.state.covariance - other.state.covariance).frobeniusNorm < 1e-6 * one.state.covariance.frobeniusNorm)
      #expect(abs(one.state.entropyProduction / other.state.entropyProduction - 1) < 1e-6)
      try one.follow(timeUnits: 200)
      try other.follow(timeUnits: 200)
      let (a, b) = (try one.measurement.estimates(), try other.measurement.estimates())
      #expect((a.covariance - b.covariance).frobeniusNorm < 1e-5 * a.covariance.frobeniusNorm)
    }
  }
}
