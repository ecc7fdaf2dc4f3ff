import CLangevinKernels

/// An element type of the kernels, so that a test is written once. Matrices of examples are rows here, and become panels
/// on the way in.
protocol KernelScalar: BinaryFloatingPoint, BitwiseCopyable, Sendable {
  static var scalar: lk_scalar { get }
}

extension Float: KernelScalar { static let scalar = LK_F32 }
extension Double: KernelScalar { static let scalar = LK_F64 }

/// `width` numbers of each of `count` examples in panels.
struct PanelArray<T: KernelScalar> {
  static var panel: Int { Int(LK_PANEL_BYTES) / MemoryLayout<T>.stride }
  static func elements(_ width: Int, _ count: Int) -> Int { (count + panel - 1) / panel * panel * width }

  var elements: [T]
  let width: Int
  let count: Int

  /// From rows `stride` apart; `beyond` stands where there is no example.
  init(_ rows: [T], stride: Int? = nil, width: Int, count: Int, beyond: T = .nan) {
    self.width = width
    self.count = count
    elements = [T](repeating: beyond, count: Self.elements(width, count))
    for example in 0..<count {
      for number in 0..<width { self[example, number] = rows[example * (stride ?? width) + number] }
    }
  }

  /// All of one value.
  init(_ value: T, width: Int, count: Int) {
    self.init([T](repeating: value, count: width * count), width: width, count: count, beyond: value)
  }

  private func place(_ example: Int, _ number: Int) -> Int {
    (example / Self.panel * width + number) * Self.panel + example % Self.panel
  }

  subscript(example: Int, number: Int) -> T {
    get { elements[place(example, number)] }
    set { elements[place(example, number)] = newValue }
  }

  var rows: [T] { (0..<count).flatMap { example in (0..<width).map { self[example, $0] } } }

  /// Runs `body` on the memory.
  mutating func with<Result>(_ body: (lk_panels) -> Result) -> Result {
    let (width, count) = (width, count)
    return elements.withUnsafeMutableBytes { body(lk_panels(data: $0.baseAddress, width: width, count: count)) }
  }
}

extension KernelScalar {
  static func normals(_ key: lk_noise_key, first: Int, count: Int) -> [Self] {
    var out = [Self](repeating: .nan, count: count)
    lk_normals(scalar, key, Int64(first), count, &out)
    return out
  }

  static func uniforms(_ key: lk_noise_key, first: Int, count: Int) -> [Self] {
    var out = [Self](repeating: .nan, count: count)
    lk_uniforms(scalar, key, Int64(first), count, &out)
    return out
  }

  static func activate(_ activation: lk_activation, _ z: [Self]) -> [Self] {
    var h = [Self](repeating: .nan, count: z.count)
    lk_activate(scalar, activation, z, &h, z.count)
    return h
  }

  static func backward(_ activation: lk_activation, saved: [Self], delta: inout [Self]) {
    lk_activation_backward(scalar, activation, saved, &delta, delta.count)
  }

  static func rForward(_ activation: lk_activation, saved: [Self], rz: [Self]) -> [Self] {
    var rh = [Self](repeating: .nan, count: rz.count)
    lk_r_forward(scalar, activation, saved, rz, &rh, rz.count)
    return rh
  }

  static func rBackward(
    _ activation: lk_activation, saved: [Self], rz: [Self], delta: inout [Self], rdelta: inout [Self]
  ) {
    lk_r_backward(scalar, activation, saved, rz, &delta, &rdelta, rz.count)
  }

  /// A loss of outputs in rows, and its gradient if that is wanted; with classes, labels.
  private static func loss(
    _ o: [Self], width: Int, wantsDelta: Bool, _ kernel: (lk_panels, UnsafeMutableRawPointer?) -> Double
  ) -> (loss: Double, delta: [Self]) {
    var o = PanelArray(o, width: width, count: o.count / width)
    var delta = PanelArray<Self>(.nan, width: width, count: o.count)
    let loss = o.with { o in delta.with { kernel(o, wantsDelta ? $0.data : nil) } }
    return (loss, wantsDelta ? delta.rows : [])
  }

  static func crossEntropy(
    _ o: [Self], classes: Int, labels: [Int32], rows: [Int32]? = nil, scale: Double, wantsDelta: Bool = true
  ) -> (loss: Double, delta: [Self]) {
    gathered(labels, rows) { labels in
      loss(o, width: classes, wantsDelta: wantsDelta) {
        lk_cross_entropy(scalar, $0, labels, lk_scale(factor: scale, weights: nil), $1)
      }
    }
  }

  static func binaryCrossEntropy(
    _ o: [Self], labels: [Int32], rows: [Int32]? = nil, scale: Double, wantsDelta: Bool = true
  ) -> (loss: Double, delta: [Self]) {
    gathered(labels, rows) { labels in
      loss(o, width: 1, wantsDelta: wantsDelta) {
        lk_binary_cross_entropy(scalar, $0, labels, lk_scale(factor: scale, weights: nil), $1)
      }
    }
  }

  static func squaredError(
    _ o: [Self], outputs: Int, targets: [Self], targetStride: Int, rows: [Int32]?, scale: Double
  ) -> (loss: Double, delta: [Self]) {
    targets.withUnsafeBytes { targets in
      withRows(rows) { rows in
        let targets = lk_rows(data: targets.baseAddress, stride: targetStride, rows: rows)
        return loss(o, width: outputs, wantsDelta: true) {
          lk_squared_error(scalar, $0, targets, lk_scale(factor: scale, weights: nil), $1)
        }
      }
    }
  }

  static func crossEntropyR(_ o: [Self], _ ro: [Self], classes: Int, scale: Double) -> [Self] {
    let count = o.count / classes
    let ro = PanelArray(ro, width: classes, count: count)
    return loss(o, width: classes, wantsDelta: true) {
      lk_cross_entropy_r(scalar, $0, ro.elements, lk_scale(factor: scale, weights: nil), $1)
      return 0
    }.delta
  }

  static func binaryCrossEntropyR(_ o: [Self], _ ro: [Self], scale: Double) -> [Self] {
    let ro = PanelArray(ro, width: 1, count: o.count)
    return loss(o, width: 1, wantsDelta: true) {
      lk_binary_cross_entropy_r(scalar, $0, ro.elements, lk_scale(factor: scale, weights: nil), $1)
      return 0
    }.delta
  }

  static func countErrors(_ o: [Self], classes: Int, labels: [Int32], rows: [Int32]? = nil) -> Int64 {
    var o = PanelArray(o, width: classes, count: o.count / classes)
    return gathered(labels, rows) { labels in o.with { lk_count_errors(scalar, $0, labels) } }
  }

  static func softmax(_ o: [Self], classes: Int) -> [Self] {
    loss(o, width: classes, wantsDelta: true) {
      lk_softmax(scalar, $0, $1)
      return 0
    }.delta
  }

  private static func gathered<Result>(_ labels: [Int32], _ rows: [Int32]?, _ body: (lk_labels) -> Result) -> Result {
    labels.withUnsafeBufferPointer { labels in
      withRows(rows) { body(lk_labels(labels: labels.baseAddress, rows: $0)) }
    }
  }

  static func withRows<Result>(_ rows: [Int32]?, _ body: (UnsafePointer<Int32>?) -> Result) -> Result {
    guard let rows else { return body(nil) }
    return rows.withUnsafeBufferPointer { body($0.baseAddress) }
  }

  /// `p` null where `movesP` is false; `given` is the first noise.
  static func linearPass(
    _ pass: lk_pass, first: Int, theta: inout [Self], p: inout [Self], movesP: Bool, g: [Self]?, u: [Self]?, v: [Self]?,
    given: [Self]?, sums: UnsafeMutablePointer<lk_sums>?
  ) {
    let count = theta.count
    p.withUnsafeMutableBytes { p in
      let p = movesP ? p.baseAddress : nil
      withUnsafePointer(to: pass) { pass in
        guard let given else { return lk_linear_pass(scalar, pass, Int64(first), count, &theta, p, g, u, v, nil, sums) }
        given.withUnsafeBytes {
          lk_linear_pass(scalar, pass, Int64(first), count, &theta, p, g, u, v, [$0.baseAddress, nil, nil, nil], sums)
        }
      }
    }
  }

  static func dot(_ x: [Self], _ y: [Self]) -> Double { lk_dot(scalar, x, y, x.count) }
  static func weightedSquare(_ w: [Self]?, _ x: [Self]) -> Double { lk_weighted_square(scalar, w, x, x.count) }
  static func axpby(_ a: Double, _ x: [Self], _ b: Double, _ y: inout [Self]) {
    lk_axpby(scalar, a, x, b, &y, x.count)
  }
  static func harmonic(
    _ precision: Double, _ k: [Self]?, _ c: [Self]?, _ x: [Self], _ g: inout [Self]
  ) -> Double {
    lk_harmonic(scalar, precision, k, c, x, &g, x.count)
  }
  static func firstNonfinite(_ x: [Self]) -> Int { lk_first_nonfinite(scalar, x, x.count) }
}
