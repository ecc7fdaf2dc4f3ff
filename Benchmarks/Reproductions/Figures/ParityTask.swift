import Langevin
import LangevinTheory

/// A parity over the first coordinates of random points of the cube, as data for the mean-field comparison.
package struct ParityTask: Sendable {
  /// The data.
  package let data: MeanFieldData
  /// The parity at the test inputs.
  package let testTargets: [Double]
  /// The relevant coordinates.
  package let relevant: [Int]

  /// `points` uniform training points and fresh test points; each point depends on the seed and its own number alone, so a
  /// smaller training set is the beginning of a larger one.
  package init(inputs d: Int, degree k: Int, points: Int, testPoints: Int = 4000, seed: UInt64 = 0) throws {
    try require(0...d ~= k, "the degree k", is: k, expected: "0 to \(d)")
    try require(points >= 1, "the number of training points P", is: points, expected: "1 or more")
    try require(testPoints >= 1, "the number of test points", is: testPoints, expected: "1 or more")
    func draw(_ count: Int, _ part: UInt64) -> DenseMatrix {
      let stream = RandomStream(seed: seed, purpose: .data).substream(part)
      var uniforms = Tensor<Double>(zeros: count * d)
      stream.fillUniforms(&uniforms)
      return DenseMatrix(count, d, elements: uniforms.elements.map { $0 < 0.5 ? -1 : 1 })
    }
    try self.init(training: draw(points, 1), test: draw(testPoints, 2), degree: k)
  }

  /// All 2^d points, for training and for testing: infinitely many data.
  package init(wholeCube d: Int, degree k: Int) throws {
    try require(1...14 ~= d, "the number of inputs d", is: d, expected: "1 to 14")
    try require(0...d ~= k, "the degree k", is: k, expected: "0 to \(d)")
    let cube = DenseMatrix(rows: (0..<1 << d).map { point in (0..<d).map { point >> $0 & 1 == 0 ? 1 : -1 } })
    try self.init(training: cube, test: cube, degree: k)
  }

  /// Given points.
  package init(training: DenseMatrix, test: DenseMatrix, degree k: Int) throws {
    try require(0...training.columns ~= k, "the degree k", is: k, expected: "0 to \(training.columns)")
    func parity(_ x: DenseMatrix) -> [Double] {
      (0..<x.rows).map { row in (0..<k).reduce(1) { $0 * x[row, $1] } }
    }
    relevant = Array(0..<k)
    testTargets = parity(test)
    data = try MeanFieldData(inputs: training, targets: parity(training), testInputs: test)
  }

  /// The scores of predictions at the test inputs.
  package func scores(_ predictions: [Double]) throws(LangevinError) -> ParityScores {
    try ParityScores(predictions: predictions, targets: testTargets)
  }

  /// The mean over the relevant coordinates over that over the others.
  package func anisotropy(_ weightSquares: [Double]) -> Double {
    let k = relevant.count
    func mean(_ values: ArraySlice<Double>) -> Double { values.reduce(0, +) / Double(values.count) }
    return mean(weightSquares[..<k]) / mean(weightSquares[k...])
  }
}
