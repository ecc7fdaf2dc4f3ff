import CLangevinKernels
import Testing

/// Numbers drawn by a linear congruence.
private struct Draw {
  var state: UInt64

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state >> 33
  }
  mutating func numbers<T: KernelScalar>(_ count: Int) -> [T] {
    (0..<count).map { _ in T(Int(next() % 2001) - 1000) / 1000 }
  }
}

/// One layer with all that its kernels read and what stands in their results before, drawn at random. Where there is no
/// example lies NaN, which no result may pick up.
private struct Layer<T: KernelScalar> {
  let batch: Int, outs: Int, ins: Int
  var w: [T], bias: [T]
  var x: PanelArray<T>, delta: PanelArray<T>
  var beforeOut: PanelArray<T>, beforeIn: PanelArray<T>
  var beforeW: [T], beforeB: [T]

  init(_ shape: Shape, seed: UInt64) {
    var draw = Draw(state: seed)
    (batch, outs, ins) = (shape.batch, shape.outs, shape.ins)
    w = draw.numbers(outs * ins)
    bias = draw.numbers(outs)
    x = PanelArray(draw.numbers(batch * ins), width: ins, count: batch)
    delta = PanelArray(draw.numbers(batch * outs), width: outs, count: batch)
    beforeOut = PanelArray(draw.numbers(batch * outs), width: outs, count: batch)
    beforeIn = PanelArray(draw.numbers(batch * ins), width: ins, count: batch)
    beforeW = draw.numbers(outs * ins)
    beforeB = draw.numbers(outs)
  }

  /// Runs `body` with the layer as its kernels take it.
  func with<Result>(biases: Bool = true, _ body: (lk_dense) -> Result) -> Result {
    w.withUnsafeBytes { w in
      bias.withUnsafeBytes { b in
        body(lk_dense(w: w.baseAddress, b: biases ? b.baseAddress : nil, outs: outs, ins: ins))
      }
    }
  }

  func forward(
    _ activation: lk_activation, biases: Bool, accumulate: Bool, z: inout PanelArray<T>, keepsZ: Bool,
    h: inout PanelArray<T>, inPlace: Bool = false
  ) {
    var x = x
    with(biases: biases) { layer in
      x.with { x in
        z.with { z in
          h.with { h in
            lk_forward(T.scalar, layer, x, activation, accumulate, inPlace ? h.data : keepsZ ? z.data : nil, h.data)
          }
        }
      }
    }
  }

  func inputGradient(_ activation: lk_activation, saved: PanelArray<T>?, accumulate: Bool, dx: inout PanelArray<T>) {
    var delta = delta
    with { layer in
      delta.with { delta in
        dx.with { dx in
          lk_input_gradient(T.scalar, layer, delta, activation, saved?.elements, accumulate, dx.data)
        }
      }
    }
  }

  func weightGradient(_ sum: lk_sum, dw: inout [T], db: inout [T], biases: Bool = true) {
    // Examples that are not there have finite inputs and no delta.
    var x = PanelArray(x.rows, width: ins, count: batch, beyond: 3)
    var delta = PanelArray(delta.rows, width: outs, count: batch, beyond: 0)
    with { layer in
      x.with { x in
        delta.with { delta in
          db.withUnsafeMutableBytes { db in
            lk_weight_gradient(T.scalar, layer, delta, x, sum, &dw, biases ? db.baseAddress : nil)
          }
        }
      }
    }
  }

}

/// The sum of what stands there before and of products x[k] y[k] by a plain loop, and the largest error that rounding may
/// leave in any order of summation.
private func plainSum<T: KernelScalar>(
  _: T.Type, before: [Double], factor: Double = 1, count: Int, _ x: UnsafePointer<Double>, at xStart: Int = 0,
  step xStep: Int, _ y: UnsafePointer<Double>, at yStart: Int = 0, step yStep: Int
) -> (value: Double, error: Double) {
  var value = 0.0, magnitude = 0.0
  for k in 0..<count {
    let product = x[xStart + k * xStep] * y[yStart + k * yStep]
    value += product
    magnitude += abs(product)
  }
  value *= factor
  magnitude *= abs(factor)
  for term in before {
    value += term
    magnitude += abs(term)
  }
  return (value, Double(count + 4) * Double(T.ulpOfOne) * magnitude)
}

/// Compares many elements and remembers the first that is wrong: one expectation for each of them would take too long.
private struct Comparison {
  var firstWrong: String?

  mutating func expect<T: KernelScalar>(
    _ result: T, _ expected: Double, within error: Double, _ row: Int, _ column: Int
  ) {
    if abs(Double(result) - expected) <= error || firstWrong != nil { return }
    firstWrong = "\(T.self): \(result) at \(row), \(column), expected \(expected) within \(error)"
  }
}

private typealias Shape = (batch: Int, outs: Int, ins: Int)

/// B - 1, B, B + 1, 2 B, 2 B + 1
private func about(_ size: Int) -> [Int] { [size - 1, size, size + 1, 2 * size, 2 * size + 1].filter { $0 > 0 } }

/// Shapes about every size that work is cut by: depths of blocks both ways, examples of vectors, panels and sums, rows of
/// tiles and groups, columns of strips; then tiny ones, and matrices whose rows lie a power of two apart.
private let shapes: [Shape] = {
  let depth = Int(LK_BLOCK_DEPTH), panel = Int(LK_PANEL_BYTES) / 4, sum = Int(LK_SUM_BYTES) / 4
  var shapes: [Shape] = []
  shapes += about(depth).map { (3, 5, $0) } + about(depth).map { (3, $0, 5) }
  shapes += (about(4) + about(8) + about(16) + about(panel)).map { ($0, 7, 3) }
  shapes += about(sum).map { ($0, 4, 2) } + about(sum / 2).map { ($0, 2, 5) }
  shapes += (about(3) + about(4) + about(6) + about(14)).map { (5, $0, 4) }
  shapes +=
    (about(4) + about(64)).map { (5, 3, $0) } + about(Int(LK_GROUP_BYTES) / Int(LK_PANEL_BYTES)).map { (2, $0, 1) }
  // More rows than a group of the deepest blocks holds, and than the sums of the longest runs keep in the cache.
  shapes += [(2, 141, 192), (70, 192, 141), (sum, 65, 9), (2 * sum + 1, 131, 3), (sum, 3, 65)]
  return shapes + [(1, 1, 1), (1, 16, 16), (1, 7, 5), (25, 1, 100), (25, 100, 2), (70, 5, 512), (70, 512, 5)]
}()

@Suite struct MatrixProductTests {
  /// Calls `check` for both element types, with every shape and a changing mix of the other arguments: with one variant of
  /// four if the shape is large, and with all if it is not.
  private func everyShape(_ variant: Int? = 0, of variants: Int = 1, _ check: (any KernelScalar.Type, Int) -> Void) {
    for number in shapes.indices {
      let (batch, outs, ins) = shapes[number]
      if batch * outs * ins > 2000 && number % variants != variant { continue }
      check(Float.self, number)
      check(Double.self, number)
    }
  }

  static let forwardActivations = [LK_IDENTITY, LK_RELU, LK_SOFTPLUS, LK_GELU]
  static let backwardActivations = [LK_IDENTITY, LK_RELU, LK_TANH, LK_GELU]

  @Test(arguments: InstructionSet.available, forwardActivations)
  func forwardIsThePlainLoop(set: InstructionSet, activation: lk_activation) {
    func check<T: KernelScalar>(_: T.Type, _ number: Int) {
      let (batch, outs, ins) = shapes[number]
      let layer = Layer<T>(shapes[number], seed: UInt64(number))
      let (bias, accumulate, keepsZ, inPlace) = [
        (true, false, true, false), (false, true, true, false), (true, true, true, true), (true, false, false, false),
      ][(number + Int(activation.rawValue)) % 4]
      var h = layer.beforeOut, z = layer.beforeOut
      set.run {
        layer.forward(
          activation, biases: bias, accumulate: accumulate, z: &z, keepsZ: keepsZ, h: &h, inPlace: inPlace)
      }
      var comparison = Comparison()
      let (x, w) = (layer.x.rows.map { Double($0) }, layer.w.map { Double($0) })
      for b in 0..<batch {
        for o in 0..<outs {
          let before = (bias ? [Double(layer.bias[o])] : []) + (accumulate ? [Double(layer.beforeOut[b, o])] : [])
          let (sum, error) = plainSum(
            T.self, before: before, count: ins, x, at: b * ins, step: 1, w, at: o * ins, step: 1)
          let expected = PlainActivation.value(activation, sum)
          // The slopes are below 1.2, and the activations themselves good to 1e-6 in single precision.
          let own = activation == LK_IDENTITY || activation == LK_RELU ? 0 : 16 * Double(T.ulpOfOne) * abs(expected)
          comparison.expect(h[b, o], expected, within: 1.2 * error + own, b, o)
          if keepsZ && !inPlace { comparison.expect(z[b, o], sum, within: error, b, o) }
        }
      }
      #expect(comparison.firstWrong == nil, "\(shapes[number])")
    }
    everyShape(Self.forwardActivations.firstIndex(of: activation), of: 4) { check($0, $1) }
  }

  @Test(arguments: InstructionSet.available, backwardActivations)
  func inputGradientIsThePlainLoop(set: InstructionSet, activation: lk_activation) {
    func check<T: KernelScalar>(_: T.Type, _ number: Int) {
      let (batch, outs, ins) = shapes[number]
      let layer = Layer<T>(shapes[number], seed: UInt64(number))
      let z = layer.x
      var saved = z
      if !lk_activation_needs_input(activation) { saved.elements = set.run { T.activate(activation, z.elements) } }
      let accumulate = (number + Int(activation.rawValue)) % 2 == 0
      var dx = layer.beforeIn
      set.run {
        layer.inputGradient(
          activation, saved: activation == LK_IDENTITY ? nil : saved, accumulate: accumulate, dx: &dx)
      }
      var comparison = Comparison()
      let (delta, w) = (layer.delta.rows.map { Double($0) }, layer.w.map { Double($0) })
      for b in 0..<batch {
        for i in 0..<ins {
          let before = accumulate ? [Double(layer.beforeIn[b, i])] : []
          let (sum, error) = plainSum(
            T.self, before: before, count: outs, delta, at: b * outs, step: 1, w, at: i, step: ins)
          let slope = PlainActivation.slope(activation, Double(z[b, i]))
          let own = 16 * Double(T.ulpOfOne) * abs(sum)
          comparison.expect(dx[b, i], sum * slope, within: 1.2 * error + own, b, i)
        }
      }
      #expect(comparison.firstWrong == nil, "\(shapes[number])")
    }
    everyShape(Self.backwardActivations.firstIndex(of: activation), of: 4) { check($0, $1) }
  }

  @Test(arguments: InstructionSet.available)
  func weightGradientIsThePlainLoop(set: InstructionSet) {
    func check<T: KernelScalar>(_: T.Type, _ number: Int) {
      let (batch, outs, ins) = shapes[number]
      let layer = Layer<T>(shapes[number], seed: UInt64(number))
      let (accumulates, scale, decay, hasBias) =
        [(false, 1, 0, true), (true, 0.375, 0.5, true), (false, 0.25, 0.25, false), (true, 1, 0, false)][number % 4]
        as (Bool, Double, Double, Bool)
      var dw = layer.beforeW, db = layer.beforeB
      set.run {
        layer.weightGradient(
          lk_sum(scale: scale, decay: decay, accumulates: accumulates), dw: &dw, db: &db, biases: hasBias)
      }
      var comparison = Comparison()
      let (x, delta) = (layer.x.rows.map { Double($0) }, layer.delta.rows.map { Double($0) })
      let ones = [Double](repeating: 1, count: batch)
      for o in 0..<outs {
        for i in 0...ins {
          let before = Double(i < ins ? layer.beforeW[o * ins + i] : layer.beforeB[o])
          let weight = Double(i < ins ? layer.w[o * ins + i] : layer.bias[o])
          let (sum, error) = plainSum(
            T.self, before: (accumulates ? [before] : []) + [decay * weight], factor: scale, count: batch, delta, at: o,
            step: outs, i < ins ? x : ones, at: i < ins ? i : 0, step: i < ins ? ins : 1)
          comparison.expect(
            i < ins ? dw[o * ins + i] : db[o], i < ins || hasBias ? sum : before, within: error, o, i)
        }
      }
      #expect(comparison.firstWrong == nil, "\(shapes[number])")
    }
    everyShape { check($0, $1) }
  }

  /// Matrices of rows, each as it is or transposed, with NaN between the rows that stays where it is.
  @Test(arguments: InstructionSet.available, [(false, false), (false, true), (true, false), (true, true)])
  func productIsThePlainLoop(set: InstructionSet, transposed: (a: Bool, b: Bool)) {
    func check<T: KernelScalar>(_: T.Type, _ number: Int) {
      let (m, n, k) = shapes[number]
      var draw = Draw(state: UInt64(number))
      let gap = number % 3, keep = number % 2 == 0 ? 0 : 0.5, factor = number % 4 < 2 ? 1 : -0.25
      func matrix(_ rows: Int, _ columns: Int) -> (elements: [T], stride: Int) {
        var elements: [T] = draw.numbers(rows * (columns + gap))
        for row in 0..<rows { for j in columns..<columns + gap { elements[row * (columns + gap) + j] = .nan } }
        return (elements, columns + gap)
      }
      let a = transposed.a ? matrix(k, m) : matrix(m, k), b = transposed.b ? matrix(n, k) : matrix(k, n)
      let before = matrix(m, n)
      var c = before.elements
      set.run {
        a.elements.withUnsafeBytes { aBytes in
          b.elements.withUnsafeBytes { bBytes in
            let a = lk_matrix(data: aBytes.baseAddress, stride: a.stride, transposed: transposed.a)
            let b = lk_matrix(data: bBytes.baseAddress, stride: b.stride, transposed: transposed.b)
            lk_multiply(T.scalar, a, b, lk_shape(m: m, n: n, k: k), factor, keep, &c, before.stride)
          }
        }
      }
      var comparison = Comparison()
      let (plainA, plainB) = (a.elements.map { Double($0) }, b.elements.map { Double($0) })
      for row in 0..<m {
        for column in 0..<n {
          let at = row * before.stride + column
          let (sum, error) = plainSum(
            T.self, before: keep == 0 ? [] : [keep * Double(before.elements[at])], factor: factor, count: k,
            plainA, at: row * (transposed.a ? 1 : a.stride), step: transposed.a ? a.stride : 1,
            plainB, at: column * (transposed.b ? b.stride : 1), step: transposed.b ? 1 : b.stride)
          comparison.expect(c[at], sum, within: error, row, column)
        }
        for gap in n..<before.stride where !c[row * before.stride + gap].isNaN { comparison.firstWrong = "gap" }
      }
      #expect(comparison.firstWrong == nil, "\(shapes[number])")
    }
    everyShape((transposed.a ? 2 : 0) + (transposed.b ? 1 : 0), of: 4) { check($0, $1) }
  }

  /// Rows go into panels, all or by index, and come back; the last example fills what its vectors have room for.
  @Test(arguments: InstructionSet.available)
  func rowsBecomePanelsAndPanelsRows(set: InstructionSet) {
    func check<T: KernelScalar>(_: T.Type, _ number: Int) {
      let (count, width, _) = shapes[number]
      var draw = Draw(state: UInt64(number))
      let stride = width + number % 3
      let source: [T] = draw.numbers((count + 7) * stride)
      let rows = number % 2 == 0 ? nil : (0..<count).map { _ in Int32(draw.next() % UInt64(count + 7)) }
      func expected(_ example: Int, _ j: Int) -> T { source[(rows.map { Int($0[example]) } ?? example) * stride + j] }
      var panels = PanelArray<T>(.nan, width: width, count: count)
      var back = [T](repeating: 42, count: count * stride)
      set.run {
        source.withUnsafeBytes { source in
          T.withRows(rows) { rows in
            panels.with { lk_gather(T.scalar, lk_rows(data: source.baseAddress, stride: stride, rows: rows), $0) }
          }
        }
        panels.with { lk_scatter(T.scalar, $0, &back, stride) }
      }
      var isRight = true
      for example in 0..<count {
        for j in 0..<stride {
          let element = back[example * stride + j]
          isRight = isRight && element == (j < width ? expected(example, j) : 42)
          if j < width { isRight = isRight && panels[example, j] == element }
        }
      }
      let filling = panels.elements.suffix(PanelArray<T>.panel).filter { !$0.isNaN }
      isRight = isRight && filling.allSatisfy { $0.isFinite }
      #expect(isRight, "\(T.self) \(shapes[number])")
    }
    everyShape { check($0, $1) }
  }

  /// The bits of a result depend neither on where a batch or the outputs are cut, nor on where the matrices lie.
  @Test(arguments: InstructionSet.available)
  func cutsAndAlignmentDoNotChangeBits(set: InstructionSet) {
    func check<T: KernelScalar>(_: T.Type) {
      let (batch, outs, ins) = (203, 201, 197)
      let layer = Layer<T>((batch, outs, ins), seed: 5)
      let exampleCuts = [0..<1, 1..<17, 17..<203], outCuts = [0..<1, 1..<35, 35..<201]
      func part(_ panels: PanelArray<T>, _ examples: Range<Int>, _ numbers: Range<Int>) -> PanelArray<T> {
        PanelArray(
          examples.flatMap { e in numbers.map { panels[e, $0] } }, width: numbers.count, count: examples.count)
      }
      /// The layer of some outputs, on some examples.
      func cut(_ examples: Range<Int>, _ outputs: Range<Int>) -> Layer<T> {
        var small = Layer<T>((examples.count, outputs.count, ins), seed: 0)
        small.w = Array(layer.w[outputs.lowerBound * ins..<outputs.upperBound * ins])
        small.x = part(layer.x, examples, 0..<ins)
        small.delta = part(layer.delta, examples, outputs)
        return small
      }
      func forward(_ layer: Layer<T>) -> PanelArray<T> {
        var h = layer.beforeOut, z = h
        layer.forward(LK_IDENTITY, biases: false, accumulate: false, z: &z, keepsZ: false, h: &h)
        return h
      }
      func inputGradient(_ layer: Layer<T>) -> PanelArray<T> {
        var dx = layer.beforeIn
        layer.inputGradient(LK_IDENTITY, saved: nil, accumulate: false, dx: &dx)
        return dx
      }
      func weightGradient(_ layer: Layer<T>) -> [T] {
        var dw = layer.beforeW, db = layer.beforeB
        layer.weightGradient(lk_sum(scale: 0.3, decay: 0, accumulates: false), dw: &dw, db: &db)
        return dw
      }
      // Compared outside the expectations, which would describe the difference of two long arrays at length.
      set.run {
        let h = forward(layer), dx = inputGradient(layer), dw = weightGradient(layer)
        var isSame = [true, true, true, true]
        for examples in exampleCuts {
          for outputs in outCuts {
            isSame[0] = isSame[0] && forward(cut(examples, outputs)).rows == part(h, examples, outputs).rows
          }
          isSame[1] = isSame[1] && inputGradient(cut(examples, 0..<outs)).rows == part(dx, examples, 0..<ins).rows
        }
        for outputs in outCuts {
          let whole = Array(dw[outputs.lowerBound * ins..<outputs.upperBound * ins])
          isSame[2] = isSame[2] && weightGradient(cut(0..<batch, outputs)) == whole
        }
        // One element further in memory.
        var shifted = layer.x, result = [T](repeating: 0, count: h.elements.count + 1)
        shifted.elements.insert(0, at: 0)
        let w = [0] + layer.w
        w.withUnsafeBytes { w in
          shifted.elements.withUnsafeMutableBytes { x in
            result.withUnsafeMutableBytes { result in
              let size = MemoryLayout<T>.stride
              guard let w = w.baseAddress, let x = x.baseAddress, let result = result.baseAddress else { return }
              lk_forward(
                T.scalar, lk_dense(w: w + size, b: nil, outs: outs, ins: ins),
                lk_panels(data: x + size, width: ins, count: batch), LK_IDENTITY, false, nil, result + size)
            }
          }
        }
        var moved = h
        moved.elements = Array(result[1...])
        isSame[3] = moved.rows == h.rows
        #expect(isSame == [true, true, true, true], "\(T.self)")
      }
    }
    check(Float.self)
    check(Double.self)
  }

  /// An example that holds NaN or infinity spoils its own results, in every one of its numbers, and no other's.
  @Test(arguments: InstructionSet.available, [0, 13, 17])
  func nonFiniteValuesPropagate(set: InstructionSet, example: Int) {
    func check<T: KernelScalar>(_: T.Type, outs: Int) {
      let batch = 18, ins = 35
      for value in [T.nan, T.infinity] {
        var layer = Layer<T>((batch, outs, ins), seed: 9)
        layer.x[example, 34] = value
        layer.delta[example, outs - 1] = value
        var h = layer.beforeOut, z = h, dx = layer.beforeIn, dw = layer.beforeW, db = layer.beforeB
        set.run {
          layer.forward(
            value.isNaN ? LK_RELU : LK_IDENTITY, biases: false, accumulate: false, z: &z, keepsZ: false, h: &h)
          layer.inputGradient(LK_IDENTITY, saved: nil, accumulate: false, dx: &dx)
          layer.weightGradient(lk_sum(scale: 1, decay: 0, accumulates: false), dw: &dw, db: &db)
        }
        let (rows, back) = (h.rows, dx.rows)
        #expect(rows.indices.allSatisfy { rows[$0].isFinite == ($0 / outs != example) })
        #expect(back.indices.allSatisfy { back[$0].isFinite == ($0 / ins != example) })
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
    for accumulates in [false, true] {
      var layer = Layer<Float>((0, 2, 3), seed: 0)
      layer.w = [1, 1, 1, 1, 1, 1]
      layer.bias = [1, 1]
      var dw: [Float] = [1, 2, 3, 4, 5, 6], db: [Float] = [7, 8]
      set.run {
        layer.weightGradient(lk_sum(scale: 1, decay: 0.5, accumulates: accumulates), dw: &dw, db: &db)
      }
      #expect(dw == (accumulates ? [1.5, 2.5, 3.5, 4.5, 5.5, 6.5] : [0.5, 0.5, 0.5, 0.5, 0.5, 0.5]))
      #expect(db == (accumulates ? [7.5, 8.5] : [0.5, 0.5]))
    }
  }
}
