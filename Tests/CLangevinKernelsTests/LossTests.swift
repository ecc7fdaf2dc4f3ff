import CLangevinKernels
import LangevinPlatform
import Testing

@Suite struct LossTests {
  static let shapes: [(batch: Int, classes: Int)] = [(1, 2), (5, 3), (17, 10), (40, 16), (3, 17), (2, 300)]

  static func logits(_ count: Int, scale: Double = 3) -> [Double] {
    (0..<count).map { scale * sin(0.7 * Double($0 * $0)) }
  }
  static func labels(_ count: Int, classes: Int) -> [Int32] { (0..<count).map { Int32(7 * $0 % classes) } }

  static func logSumExp(_ o: ArraySlice<Double>) -> Double {
    let largest = o.reduce(-.infinity, max)
    return largest + log(o.reduce(0) { $0 + exp($1 - largest) })
  }

  // MARK: Cross-entropy

  @Test(arguments: InstructionSet.available, shapes)
  func crossEntropyIsItsFormula(set: InstructionSet, shape: (batch: Int, classes: Int)) {
    func check<T: KernelScalar>(_: T.Type, tolerance: Double) {
      let (batch, classes) = shape
      let o = Self.logits(batch * classes).map { T($0) }, labels = Self.labels(batch + 9, classes: classes)
      let rows = (0..<batch).map { Int32(batch + 8 - $0) }
      for rows in [nil, rows] {
        let (loss, delta) = set.run { T.crossEntropy(o, classes: classes, labels: labels, rows: rows, scale: 0.25) }
        var expected = 0.0, error = LargestError()
        for b in 0..<batch {
          let outputs = o[b * classes..<(b + 1) * classes].map { Double($0) }[...]
          let label = Int(labels[rows.map { Int($0[b]) } ?? b]), norm = Self.logSumExp(outputs)
          expected += norm - outputs[label]
          for j in 0..<classes {
            let gradient = 0.25 * (exp(outputs[j] - norm) - (j == label ? 1 : 0))
            error.compare(delta[b * classes + j], gradient, allowed: tolerance)
          }
        }
        error.compare(loss, expected, allowed: tolerance * max(1, abs(expected)))
        #expect(error.isAllowed, "\(T.self) \(error)")
        let alone = set.run {
          T.crossEntropy(o, classes: classes, labels: labels, rows: rows, scale: 0.25, wantsDelta: false)
        }
        #expect(alone.loss == loss)
      }
    }
    check(Float.self, tolerance: 1e-6)
    check(Double.self, tolerance: 1e-14)
  }

  @Test(arguments: InstructionSet.available)
  func crossEntropyOfExtremeLogits(set: InstructionSet) {
    func check<T: KernelScalar>(_: T.Type) {
      let large = T.greatestFiniteMagnitude / 4
      func loss(_ o: [T], _ label: Int32) -> (Double, [T]) {
        set.run { T.crossEntropy(o, classes: o.count, labels: [label], scale: 1) }
      }
      #expect(loss([large, -large, 0], 0) == (0, [0, 0, 0]))
      #expect(loss([large, -large, 0], 2) == (Double(large), [1, 0, -1]))
      #expect(loss([-1000, -2000], 1) == (1000, [1, -1]))
      #expect(loss([0, -T.infinity, -T.infinity], 0) == (0, [0, 0, 0]))
      #expect(loss([0, -T.infinity], 1).0 == .infinity)
      #expect(loss([0, T.nan, 1], 0).0.isNaN)
      #expect(loss([0, T.infinity, 1], 0).0.isNaN)
    }
    check(Float.self)
    check(Double.self)
  }

  /// The gradient by central differences of the loss, and the Hessian product by differences of the gradient.
  @Test(arguments: InstructionSet.available)
  func crossEntropyDerivatives(set: InstructionSet) {
    let batch = 5, classes = 7, step = 1e-5
    let o = Self.logits(batch * classes), ro = Self.logits(batch * classes, scale: 1).map { $0 + 0.3 }
    let labels = Self.labels(batch, classes: classes)
    func evaluate(_ o: [Double]) -> (loss: Double, delta: [Double]) {
      Double.crossEntropy(o, classes: classes, labels: labels, scale: 0.5)
    }
    set.run {
      let gradient = evaluate(o).delta
      var error = LargestError()
      for i in o.indices {
        var up = o, down = o
        up[i] += step
        down[i] -= step
        error.compare(gradient[i], 0.5 * (evaluate(up).loss - evaluate(down).loss) / (2 * step), allowed: 1e-8)
      }
      let up = evaluate(zip(o, ro).map { $0 + step * $1 }).delta
      let down = evaluate(zip(o, ro).map { $0 - step * $1 }).delta
      let product = Double.crossEntropyR(o, ro, classes: classes, scale: 0.5)
      for i in o.indices { error.compare(product[i], (up[i] - down[i]) / (2 * step), allowed: 1e-8) }
      #expect(error.isAllowed, "\(error)")
    }
  }

  @Test(arguments: InstructionSet.available, shapes)
  func softmaxIsItsFormula(set: InstructionSet, shape: (batch: Int, classes: Int)) {
    let o = Self.logits(shape.batch * shape.classes, scale: 30)
    let probabilities = set.run { Double.softmax(o, classes: shape.classes) }
    for b in 0..<shape.batch {
      let range = b * shape.classes..<(b + 1) * shape.classes, norm = Self.logSumExp(o[range])
      for i in range { #expect(abs(probabilities[i] - exp(o[i] - norm)) <= 1e-13 * exp(o[i] - norm)) }
    }
  }

  // MARK: Binary cross-entropy

  @Test(arguments: InstructionSet.available)
  func binaryCrossEntropyIsItsFormula(set: InstructionSet) {
    func check<T: KernelScalar>(_: T.Type, tolerance: Double) {
      for batch in [1, 9, 32, 37] {
        let o = Self.logits(batch, scale: 20).map { T($0) }
        let labels = (0..<batch + 9).map { Int32($0 * 3 / 2 % 2) }, rows = (0..<batch).map { Int32(batch + 8 - $0) }
        for rows in [nil, rows] {
          let (loss, delta) = set.run { T.binaryCrossEntropy(o, labels: labels, rows: rows, scale: 0.25) }
          var expected = 0.0, error = LargestError()
          for b in 0..<batch {
            let x = Double(o[b]), y = Double(labels[rows.map { Int($0[b]) } ?? b])
            expected += max(x, 0) - y * x + log1p(exp(-abs(x)))
            error.compare(delta[b], 0.25 * (PlainActivation.sigmoid(x) - y), allowed: tolerance)
          }
          error.compare(loss, expected, allowed: tolerance * max(1, abs(expected)))
          #expect(error.isAllowed, "\(T.self) \(error)")
        }
      }
    }
    check(Float.self, tolerance: 1e-6)
    check(Double.self, tolerance: 1e-14)
  }

  /// What is small stays accurate: a confident right answer costs e^-|o|, and its gradient is as small.
  @Test(arguments: InstructionSet.available)
  func binaryCrossEntropyOfExtremeLogits(set: InstructionSet) {
    func check<T: KernelScalar>(_: T.Type) {
      let o: [T] = [60, -60, 1000, -1000, 1000, -1000, .infinity, -.infinity]
      let labels: [Int32] = [1, 0, 1, 0, 0, 1, 1, 0]
      let small: Double = exp(-60.0)
      let losses = [small, small, 0, 0, 1000, 1000, 0, 0], gradients = [-small, small, 0, 0, 1, -1, 0, 0]
      for i in o.indices {
        let (loss, delta) = set.run { T.binaryCrossEntropy([o[i]], labels: [labels[i]], scale: 1) }
        #expect(abs(loss - losses[i]) <= 1e-6 * losses[i], "\(T.self) \(o[i])")
        #expect(abs(Double(delta[0]) - gradients[i]) <= 1e-6 * abs(gradients[i]), "\(T.self) \(o[i])")
      }
      let nan = set.run {
        T.binaryCrossEntropy([0, .nan, 0], labels: [0, 0, 0], scale: 1, wantsDelta: false)
      }
      #expect(nan.loss.isNaN)
    }
    check(Float.self)
    check(Double.self)
  }

  @Test(arguments: InstructionSet.available)
  func binaryCrossEntropyHessian(set: InstructionSet) {
    let o = Self.logits(21, scale: 8), ro = Self.logits(21, scale: 1).map { $0 + 0.2 }
    let product = set.run { Double.binaryCrossEntropyR(o, ro, scale: 0.5) }
    var error = LargestError()
    for i in o.indices {
      error.compare(product[i], 0.5 * PlainActivation.slope(LK_SIGMOID, o[i]) * ro[i], allowed: 1e-15)
    }
    #expect(error.isAllowed, "\(error)")
  }

  // MARK: Squared error and errors

  @Test(arguments: InstructionSet.available)
  func squaredErrorIsItsFormula(set: InstructionSet) {
    func check<T: KernelScalar>(_: T.Type, tolerance: Double) {
      for outputs in [1, 3, 16, 19] {
        let batch = 6, targetStride = outputs + 2
        let o = Self.logits(batch * outputs).map { T($0) }
        let y = Self.logits((batch + 3) * targetStride, scale: 1).map { T($0) }
        for rows in [nil, [8, 0, 3, 3, 1, 7] as [Int32]] {
          let (loss, delta) = set.run {
            T.squaredError(o, outputs: outputs, targets: y, targetStride: targetStride, rows: rows, scale: 0.25)
          }
          var expected = 0.0, error = LargestError()
          for b in 0..<batch {
            let row = rows.map { Int($0[b]) } ?? b
            for j in 0..<outputs {
              let gap = Double(o[b * outputs + j]) - Double(y[row * targetStride + j])
              expected += gap * gap / 2
              error.compare(delta[b * outputs + j], 0.25 * gap, allowed: tolerance)
            }
          }
          error.compare(loss, expected, allowed: tolerance * max(1, abs(expected)))
          #expect(error.isAllowed, "\(T.self) \(error)")
        }
      }
    }
    check(Float.self, tolerance: 1e-6)
    check(Double.self, tolerance: 1e-14)
  }

  @Test(arguments: InstructionSet.available, shapes)
  func errorsAreCounted(set: InstructionSet, shape: (batch: Int, classes: Int)) {
    let (batch, classes) = shape
    // Whole numbers, so that there are ties.
    let o = Self.logits(batch * classes, scale: 2).map { $0.rounded() }
    let labels = Self.labels(batch + 4, classes: classes)
    for rows in [nil, (0..<batch).map { Int32(batch + 3 - $0) }] {
      let errors = set.run { Double.countErrors(o, classes: classes, labels: labels, rows: rows) }
      var expected: Int64 = 0
      for b in 0..<batch {
        var first = 0
        for j in 1..<classes where o[b * classes + j] > o[b * classes + first] { first = j }
        expected += Int(labels[rows.map { Int($0[b]) } ?? b]) == first ? 0 : 1
      }
      #expect(errors == expected)
    }
  }

  @Test(arguments: InstructionSet.available)
  func errorsOfTiesNaNAndOneOutput(set: InstructionSet) {
    func errors(_ o: [Float], _ label: Int32) -> Int64 {
      set.run { Float.countErrors(o, classes: o.count, labels: [label]) }
    }
    #expect([0, 1, 2].map { errors([1, 1, 0], $0) } == [0, 1, 1])
    #expect([0, 1, 2].map { errors([1, .nan, 0], $0) } == [1, 1, 1])
    #expect([errors([2], 1), errors([2], 0), errors([-2], 1), errors([-2], 0)] == [0, 1, 1, 0])
    #expect([errors([0], 1), errors([0], 0), errors([.nan], 1), errors([.nan], 0)] == [1, 0, 1, 1])
  }
}
