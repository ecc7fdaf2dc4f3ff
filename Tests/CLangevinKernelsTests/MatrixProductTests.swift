import CLangevinKernels
import Testing

/// One layer with all that its kernels read, drawn at random. Between the rows lies NaN, which no result may pick up.
private struct Layer<T: LayerScalar> {
  let batch: Int, outs: Int, ins: Int
  let xStride: Int, outStride: Int
  var w: [T], bias: [T]
  var x: [T], rows: [Int32]?
  var delta: [T]
  /// What stands in the results before: of the shape of h, of dx, of dw and of db.
  var beforeOut: [T], beforeIn: [T], beforeW: [T], beforeB: [T]

  init(batch: Int, outs: Int, ins: Int, gathered: Bool = false, padding: Int = 0, seed: UInt64) {
    var state = seed
    func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state >> 33
    }
    func draw(_ count: Int) -> [T] { (0..<count).map { _ in T(Int(next() % 2001) - 1000) / 1000 } }
    func matrix(_ rows: Int, _ width: Int, _ stride: Int) -> [T] {
      var elements = draw(rows * stride)
      for row in 0..<rows {
        for gap in width..<stride { elements[row * stride + gap] = .nan }
      }
      return elements
    }
    (self.batch, self.outs, self.ins) = (batch, outs, ins)
    xStride = ins + padding
    outStride = outs + padding
    w = draw(outs * ins)
    bias = draw(outs)
    let examples = gathered ? batch + 7 : batch
    x = matrix(examples, ins, xStride)
    rows = gathered ? (0..<batch).map { _ in Int32(next() % UInt64(examples)) } : nil
    delta = matrix(batch, outs, outStride)
    beforeOut = matrix(batch, outs, outStride)
    beforeIn = matrix(batch, ins, xStride)
    beforeW = draw(outs * ins)
    beforeB = draw(outs)
  }

  func input(_ example: Int, _ i: Int) -> Double { Double(x[(rows.map { Int($0[example]) } ?? example) * xStride + i]) }

  /// The sum of the products by a plain loop, and the largest error that rounding may leave in any order of summation.
  static func sum(_ count: Int, _ before: Double, _ term: (Int) -> Double) -> (value: Double, error: Double) {
    var value = before, magnitude = abs(before)
    for k in 0..<count {
      value += term(k)
      magnitude += abs(term(k))
    }
    return (value, Double(count + 4) * Double(T.ulpOfOne) * magnitude)
  }
}

/// Compares many elements and remembers the first that is wrong: one expectation for each of them would take too long.
private struct Comparison {
  var firstWrong: String?

  mutating func expect<T: LayerScalar>(_ result: T, _ expected: Double, within error: Double, _ row: Int, _ column: Int)
  {
    if abs(Double(result) - expected) <= error || firstWrong != nil { return }
    firstWrong = "\(T.self): \(result) at \(row), \(column), expected \(expected) within \(error)"
  }

  mutating func expectNaN<T: LayerScalar>(_ result: T, _ row: Int, _ column: Int) {
    if !result.isNaN && firstWrong == nil { firstWrong = "\(T.self): \(result) between rows, at \(row), \(column)" }
  }
}

/// Shapes about the widths of vectors, panels, tiles and blocks (14 rows, 32 to 128 columns, 192 deep), tiny ones, and one
/// with more blocks than are summed side by side.
private let shapes: [(batch: Int, outs: Int, ins: Int)] = [
  (1, 1, 1), (1, 7, 5), (25, 1, 100), (25, 100, 2), (2, 3, 1), (13, 17, 31), (14, 16, 32), (15, 33, 16), (29, 47, 15),
  (28, 13, 129), (3, 131, 10), (5, 11, 193), (7, 4, 400), (200, 5, 3), (385, 2, 17), (6, 257, 8), (4, 9, 260),
  (900, 1, 3),
]

@Suite struct MatrixProductTests {
  /// Calls `check` for both element types, with every shape and a changing mix of the other arguments.
  private func everyShape(_ check: (any LayerScalar.Type, Int) -> Void) {
    for number in shapes.indices {
      check(Float.self, number)
      check(Double.self, number)
    }
  }

  @Test(arguments: InstructionSet.available, [LK_IDENTITY, LK_RELU, LK_SOFTPLUS, LK_GELU])
  func forwardIsThePlainLoop(set: InstructionSet, activation: lk_activation) {
    func check<T: LayerScalar>(_: T.Type, _ number: Int) {
      let (batch, outs, ins) = shapes[number]
      let layer = Layer<T>(
        batch: batch, outs: outs, ins: ins, gathered: number % 2 == 0, padding: number % 3, seed: UInt64(number))
      let (bias, accumulate, keepsZ, inPlace) = [
        (true, false, true, false), (false, true, true, false), (true, true, true, true), (true, false, false, false),
      ][(number + Int(activation.rawValue)) % 4]
      var h = layer.beforeOut, z = layer.beforeOut
      set.run {
        layer.bias.withUnsafeBufferPointer { b in
          z.withUnsafeMutableBufferPointer { z in
            h.withUnsafeMutableBufferPointer { h in
              guard let h = h.baseAddress, let z = z.baseAddress else { return }
              T.forward(
                w: layer.w, bias: bias ? b.baseAddress : nil, outs: outs, ins: ins, x: layer.x,
                xStride: layer.xStride, rows: layer.rows, batch: batch, activation: activation,
                accumulate: accumulate, z: inPlace ? h : keepsZ ? z : nil, h: h, stride: layer.outStride)
            }
          }
        }
      }
      var comparison = Comparison()
      for b in 0..<batch {
        for o in 0..<layer.outStride {
          let at = b * layer.outStride + o
          guard o < outs else {
            comparison.expectNaN(h[at], b, o)
            comparison.expectNaN(z[at], b, o)
            continue
          }
          let start = (bias ? Double(layer.bias[o]) : 0) + (accumulate ? Double(layer.beforeOut[at]) : 0)
          let (sum, error) = Layer<T>.sum(ins, start) { layer.input(b, $0) * Double(layer.w[o * ins + $0]) }
          let expected = PlainActivation.value(activation, sum)
          // The slopes are below 1.2, and the activations themselves good to 1e-6 in single precision.
          let own = activation == LK_IDENTITY || activation == LK_RELU ? 0 : 16 * Double(T.ulpOfOne) * abs(expected)
          comparison.expect(h[at], expected, within: 1.2 * error + own, b, o)
          if keepsZ && !inPlace { comparison.expect(z[at], sum, within: error, b, o) }
        }
      }
      #expect(comparison.firstWrong == nil, "\(shapes[number])")
    }
    everyShape { check($0, $1) }
  }

  @Test(arguments: InstructionSet.available, [LK_IDENTITY, LK_RELU, LK_TANH, LK_GELU])
  func inputGradientIsThePlainLoop(set: InstructionSet, activation: lk_activation) {
    func check<T: LayerScalar>(_: T.Type, _ number: Int) {
      let (batch, outs, ins) = shapes[number]
      let layer = Layer<T>(batch: batch, outs: outs, ins: ins, padding: number % 3, seed: UInt64(number))
      let z = layer.x
      let saved = lk_activation_needs_input(activation) ? z : set.run { T.activate(activation, z) }
      let accumulate = (number + Int(activation.rawValue)) % 2 == 0
      var dx = layer.beforeIn
      set.run {
        saved.withUnsafeBufferPointer { saved in
          T.inputGradient(
            w: layer.w, outs: outs, ins: ins, delta: layer.delta, deltaStride: layer.outStride, batch: batch,
            activation: activation, saved: activation == LK_IDENTITY ? nil : saved.baseAddress,
            savedStride: layer.xStride, accumulate: accumulate, dx: &dx, dxStride: layer.xStride)
        }
      }
      var comparison = Comparison()
      for b in 0..<batch {
        for i in 0..<layer.xStride {
          let at = b * layer.xStride + i
          guard i < ins else {
            comparison.expectNaN(dx[at], b, i)
            continue
          }
          let (sum, error) = Layer<T>.sum(outs, accumulate ? Double(layer.beforeIn[at]) : 0) {
            Double(layer.delta[b * layer.outStride + $0]) * Double(layer.w[$0 * ins + i])
          }
          let slope = PlainActivation.slope(activation, Double(z[at]))
          let own = 16 * Double(T.ulpOfOne) * abs(sum)
          comparison.expect(dx[at], sum * slope, within: 1.2 * error + own, b, i)
        }
      }
      #expect(comparison.firstWrong == nil, "\(shapes[number])")
    }
    everyShape { check($0, $1) }
  }

  @Test(arguments: InstructionSet.available, [false, true])
  func weightGradientIsThePlainLoop(set: InstructionSet, squared: Bool) {
    func check<T: LayerScalar>(_: T.Type, _ number: Int) {
      let (batch, outs, ins) = shapes[number]
      let layer = Layer<T>(
        batch: batch, outs: outs, ins: ins, gathered: number % 2 == 0, padding: number % 3, seed: UInt64(number))
      func power(_ value: Double) -> Double { squared ? value * value : value }
      let (accumulate, scale, hasBias) =
        [(false, 1, true), (true, 0.375, true), (false, 0.25, false)][(number + (squared ? 1 : 0)) % 3]
        as (Bool, T, Bool)
      var dw = layer.beforeW, db = layer.beforeB
      set.run {
        db.withUnsafeMutableBufferPointer { db in
          T.weightGradient(
            squared: squared, delta: layer.delta, deltaStride: layer.outStride, outs: outs, x: layer.x,
            xStride: layer.xStride, rows: layer.rows, ins: ins, batch: batch, scale: scale, accumulate: accumulate,
            dw: &dw, db: hasBias ? db.baseAddress : nil)
        }
      }
      var comparison = Comparison()
      for o in 0..<outs {
        for i in 0...ins {
          let before = Double(i < ins ? layer.beforeW[o * ins + i] : layer.beforeB[o])
          let (sum, error) = Layer<T>.sum(batch, accumulate ? before : 0) {
            let delta = power(Double(layer.delta[$0 * layer.outStride + o]))
            return Double(scale) * delta * (i < ins ? power(layer.input($0, i)) : 1)
          }
          comparison.expect(
            i < ins ? dw[o * ins + i] : db[o], i < ins || hasBias ? sum : before, within: error, o, i)
        }
      }
      #expect(comparison.firstWrong == nil, "\(shapes[number])")
    }
    everyShape { check($0, $1) }
  }

  /// The bits of a result depend neither on where a batch or the outputs are cut, nor on where the matrices lie.
  @Test(arguments: InstructionSet.available)
  func cutsAndAlignmentDoNotChangeBits(set: InstructionSet) {
    func check<T: LayerScalar>(_: T.Type) {
      let batch = 203, outs = 201, ins = 197
      let layer = Layer<T>(batch: batch, outs: outs, ins: ins, seed: 5)
      let rowCuts = [0..<1, 1..<17, 17..<203], outCuts = [0..<1, 1..<35, 35..<201]

      func forward(_ rows: [Range<Int>], _ columns: [Range<Int>], shift: Int) -> [T] {
        let w = [T](repeating: 0, count: shift) + layer.w, x = [T](repeating: 0, count: shift) + layer.x
        var h = [T](repeating: 0, count: batch * outs)
        w.withUnsafeBufferPointer { w in
          x.withUnsafeBufferPointer { x in
            h.withUnsafeMutableBufferPointer { h in
              guard let w = w.baseAddress, let x = x.baseAddress, let h = h.baseAddress else { return }
              for r in rows {
                for c in columns {
                  T.forward(
                    w: w + shift + c.lowerBound * ins, bias: nil, outs: c.count, ins: ins,
                    x: x + shift + r.lowerBound * ins, xStride: ins, rows: nil, batch: r.count, activation: LK_IDENTITY,
                    accumulate: false, z: nil, h: h + r.lowerBound * outs + c.lowerBound, stride: outs)
                }
              }
            }
          }
        }
        return h
      }
      func inputGradient(_ rows: [Range<Int>]) -> [T] {
        var dx = [T](repeating: 0, count: batch * ins)
        layer.delta.withUnsafeBufferPointer { delta in
          dx.withUnsafeMutableBufferPointer { dx in
            guard let delta = delta.baseAddress, let dx = dx.baseAddress else { return }
            for r in rows {
              T.inputGradient(
                w: layer.w, outs: outs, ins: ins, delta: delta + r.lowerBound * outs, deltaStride: outs, batch: r.count,
                activation: LK_IDENTITY, saved: nil, savedStride: 0, accumulate: false, dx: dx + r.lowerBound * ins,
                dxStride: ins)
            }
          }
        }
        return dx
      }
      func weightGradient(_ columns: [Range<Int>], squared: Bool) -> [T] {
        var dw = [T](repeating: 0, count: outs * (ins + 1))
        layer.delta.withUnsafeBufferPointer { delta in
          dw.withUnsafeMutableBufferPointer { dw in
            guard let delta = delta.baseAddress, let dw = dw.baseAddress else { return }
            for c in columns {
              T.weightGradient(
                squared: squared, delta: delta + c.lowerBound, deltaStride: outs, outs: c.count, x: layer.x,
                xStride: ins, rows: nil, ins: ins, batch: batch, scale: 0.3, accumulate: false,
                dw: dw + c.lowerBound * ins, db: dw + outs * ins + c.lowerBound)
            }
          }
        }
        return dw
      }
      // Compared outside the expectations, which would describe the difference of two long arrays at length.
      set.run {
        let whole = forward([0..<batch], [0..<outs], shift: 0)
        let cutForward = forward(rowCuts, outCuts, shift: 0) == whole
        let shifted = forward([0..<batch], [0..<outs], shift: 1) == whole
        let cutInputGradient = inputGradient(rowCuts) == inputGradient([0..<batch])
        let cutWeightGradient = [false, true].map {
          weightGradient(outCuts, squared: $0) == weightGradient([0..<outs], squared: $0)
        }
        #expect(cutForward && shifted && cutInputGradient)
        #expect(cutWeightGradient == [true, true])
      }
    }
    check(Float.self)
    check(Double.self)
  }

  /// A row that holds NaN or infinity spoils its own results, in every one of its columns, and no other's.
  @Test(arguments: InstructionSet.available, [0, 13, 17])
  func nonFiniteValuesPropagate(set: InstructionSet, row: Int) {
    func check<T: LayerScalar>(_: T.Type, outs: Int) {
      let batch = 18, ins = 35
      for value in [T.nan, T.infinity] {
        var layer = Layer<T>(batch: batch, outs: outs, ins: ins, seed: 9)
        layer.x[row * ins + 34] = value
        layer.delta[row * outs + outs - 1] = value
        var h = layer.beforeOut, dx = layer.beforeIn, dw = layer.beforeW, db = layer.beforeB
        set.run {
          T.forward(
            w: layer.w, bias: nil, outs: outs, ins: ins, x: layer.x, xStride: ins, rows: nil, batch: batch,
            activation: value.isNaN ? LK_RELU : LK_IDENTITY, accumulate: false, z: nil, h: &h, stride: outs)
          T.inputGradient(
            w: layer.w, outs: outs, ins: ins, delta: layer.delta, deltaStride: outs, batch: batch,
            activation: LK_IDENTITY, saved: nil, savedStride: 0, accumulate: false, dx: &dx, dxStride: ins)
          T.weightGradient(
            squared: false, delta: layer.delta, deltaStride: outs, outs: outs, x: layer.x, xStride: ins, rows: nil,
            ins: ins, batch: batch, scale: 1, accumulate: false, dw: &dw, db: &db)
        }
        #expect(h.indices.allSatisfy { h[$0].isFinite == ($0 / outs != row) })
        #expect(dx.indices.allSatisfy { dx[$0].isFinite == ($0 / ins != row) })
        #expect(dw.indices.allSatisfy { dw[$0].isFinite == ($0 / ins != outs - 1 && $0 % ins != 34) })
        #expect(db.indices.allSatisfy { db[$0].isFinite == ($0 != outs - 1) })
      }
    }
    for outs in [1, 2, 18] {
      check(Float.self, outs: outs)
      check(Double.self, outs: outs)
    }
  }

  @Test(arguments: InstructionSet.available)
  func emptyBatchHasNoGradient(set: InstructionSet) {
    for accumulate in [false, true] {
      var dw: [Float] = [1, 2, 3, 4, 5, 6], db: [Float] = [7, 8]
      set.run {
        Float.weightGradient(
          squared: false, delta: [0], deltaStride: 2, outs: 2, x: [0], xStride: 3, rows: nil, ins: 3, batch: 0,
          scale: 1,
          accumulate: accumulate, dw: &dw, db: &db)
      }
      #expect(dw == (accumulate ? [1, 2, 3, 4, 5, 6] : [0, 0, 0, 0, 0, 0]))
      #expect(db == (accumulate ? [7, 8] : [0, 0]))
    }
  }
}
