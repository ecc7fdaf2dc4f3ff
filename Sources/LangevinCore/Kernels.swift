import CLangevinKernels

/// The kernels for one scalar type: the C functions of `langevin_kernels.h` with labels.
///
/// They take addresses, check nothing and do all the arithmetic on vectors and matrices. Numbers of examples lie in
/// `Panels`, so that the processor's vectors run along the examples.
public struct Kernels<Element: Scalar>: Sendable {
  package typealias In = UnsafePointer<Element>
  package typealias Out = UnsafeMutablePointer<Element>
  package typealias Indices = UnsafePointer<Int32>

  private let scalar: lk_scalar

  init(_ scalar: lk_scalar) { self.scalar = scalar }

  /// The examples of a panel.
  package static var panel: Int { Int(LK_PANEL_BYTES) / MemoryLayout<Element>.stride }

  /// So many examples, filled up to whole panels.
  package static func filled(_ count: Int) -> Int { (count + panel - 1) / panel * panel }

  /// `width` numbers of each of `count` examples, as an array `[panels, width, panel]`.
  package struct Panels {
    package var base: Out
    package var width: Int
    package var count: Int

    package init(_ base: Out, width: Int, count: Int) {
      self.base = base
      self.width = width
      self.count = count
    }

    /// The elements, those of examples that are not there included.
    package var elements: Int { filled(count) * width }
    fileprivate var operand: lk_panels { lk_panels(data: base, width: width, count: count) }
  }

  /// Rows of numbers in memory, all or those that `indices` lists.
  package struct Rows {
    package var base: In
    package var stride: Int
    package var indices: Indices?

    package init(_ base: In, stride: Int, indices: Indices? = nil) {
      self.base = base
      self.stride = stride
      self.indices = indices
    }

    fileprivate var operand: lk_rows { lk_rows(data: base, stride: stride, rows: indices) }
  }

  /// What losses are multiplied by: the factor on their derivatives, and the weights of the examples of a tile, if there are.
  package struct Scale {
    package var factor: Element
    package var weights: In?

    package init(_ factor: Element, weights: In? = nil) {
      self.factor = factor
      self.weights = weights
    }

    fileprivate var operand: lk_scale { lk_scale(factor: Double(factor), weights: weights) }
  }

  /// The weights `[outputs, inputs]` and the biases of a layer.
  package struct Layer {
    package var weights: In
    package var biases: In?
    package var outputs: Int
    package var inputs: Int

    package init(weights: In, biases: In?, outputs: Int, inputs: Int) {
      self.weights = weights
      self.biases = biases
      self.outputs = outputs
      self.inputs = inputs
    }

    fileprivate var operand: lk_dense { lk_dense(w: weights, b: biases, outs: outputs, ins: inputs) }
  }

  /// A matrix of rows, perhaps meant transposed.
  package struct Matrix {
    package var base: In
    package var stride: Int
    package var isTransposed: Bool

    package init(_ base: In, stride: Int, isTransposed: Bool = false) {
      self.base = base
      self.stride = stride
      self.isTransposed = isTransposed
    }

    fileprivate var operand: lk_matrix { lk_matrix(data: base, stride: stride, transposed: isTransposed) }
  }
}

// MARK: Layers

extension Kernels {
  /// Turns the first rows into panels.
  package func gather(_ rows: Rows, into panels: Panels) { lk_gather(scalar, rows.operand, panels.operand) }

  /// Turns panels into rows.
  package func scatter(_ panels: Panels, into rows: Out, stride: Int) {
    lk_scatter(scalar, panels.operand, rows, stride)
  }

  /// z = W x + b (+ z before), h = act(z); z may be nil or h.
  package func forward(
    _ layer: Layer, _ x: Panels, _ activation: Activation, accumulating: Bool = false, z: Out? = nil, h: Out
  ) {
    lk_forward(scalar, layer.operand, x.operand, activation.kernel, accumulating, z, h)
  }

  /// dx = (W' delta (+ dx before)) act'(saved).
  package func inputGradient(
    _ layer: Layer, _ delta: Panels, through activation: Activation, saved: In? = nil, accumulating: Bool = false,
    into dx: Out
  ) {
    lk_input_gradient(scalar, layer.operand, delta.operand, activation.kernel, saved, accumulating, dx)
  }

  /// dW = scale delta x' + decay W (+ dW before), and db likewise with x = 1.
  package func weightGradient(
    _ layer: Layer, _ delta: Panels, _ x: Panels, scale: Element = 1, decay: Element = 0, accumulating: Bool,
    weights: Out, biases: Out?
  ) {
    let sum = lk_sum(scale: Double(scale), decay: Double(decay), accumulates: accumulating)
    lk_weight_gradient(scalar, layer.operand, delta.operand, x.operand, sum, weights, biases)
  }

  /// c = factor a b + keep c, of `rows` rows and `columns` columns, summed over `depth`.
  package func multiply(
    _ a: Matrix, _ b: Matrix, rows: Int, columns: Int, depth: Int, factor: Double = 1, keep: Double = 0,
    into c: Out, stride: Int
  ) {
    lk_multiply(
      scalar, a.operand, b.operand, lk_shape(m: rows, n: columns, k: depth), factor, keep, c, stride)
  }

  /// h = act(z).
  package func activate(_ activation: Activation, _ z: In, into h: Out, count: Int) {
    lk_activate(scalar, activation.kernel, z, h, count)
  }

  /// delta *= act'(saved).
  package func activationBackward(_ activation: Activation, saved: In, delta: Out, count: Int) {
    lk_activation_backward(scalar, activation.kernel, saved, delta, count)
  }

  /// y = x^2, element by element.
  package func square(_ x: In, into y: Out, count: Int) { lk_square(scalar, x, y, count) }

  /// R{h} = act'(saved) R{z}.
  package func rForward(_ activation: Activation, saved: In, rz: In, into rh: Out, count: Int) {
    lk_r_forward(scalar, activation.kernel, saved, rz, rh, count)
  }

  /// delta *= act'(saved) and R{delta} = act' R{delta} + act'' R{z} delta.
  package func rBackward(_ activation: Activation, saved: In, rz: In, delta: Out, rdelta: Out, count: Int) {
    lk_r_backward(scalar, activation.kernel, saved, rz, delta, rdelta, count)
  }
}

// MARK: Losses

extension Kernels {
  /// The sum of -log softmax(o)[label]; `delta` becomes scale times its gradient.
  package func crossEntropy(_ o: Panels, labels: Indices, indices: Indices?, scale: Scale, delta: Out?) -> Double {
    lk_cross_entropy(scalar, o.operand, lk_labels(labels: labels, rows: indices), scale.operand, delta)
  }

  /// The sum of log(1 + e^o) - label o, likewise.
  package func binaryCrossEntropy(
    _ o: Panels, labels: Indices, indices: Indices?, scale: Scale, delta: Out?
  ) -> Double {
    lk_binary_cross_entropy(scalar, o.operand, lk_labels(labels: labels, rows: indices), scale.operand, delta)
  }

  /// The sum of any other loss, likewise.
  package func loss(_ loss: Loss, _ o: Panels, targets: Rows, scale: Scale, delta: Out?) -> Double {
    guard let law = loss.law else { return lk_squared_error(scalar, o.operand, targets.operand, scale.operand, delta) }
    return lk_likelihood(scalar, o.operand, law, targets.operand, scale.operand, delta)
  }

  /// scale times the Hessian of the cross-entropy by the outputs, applied to `ro`.
  package func crossEntropyR(_ o: Panels, _ ro: In, scale: Scale, into rdelta: Out) {
    lk_cross_entropy_r(scalar, o.operand, ro, scale.operand, rdelta)
  }

  /// The same of the binary cross-entropy.
  package func binaryCrossEntropyR(_ o: Panels, _ ro: In, scale: Scale, into rdelta: Out) {
    lk_binary_cross_entropy_r(scalar, o.operand, ro, scale.operand, rdelta)
  }

  /// The same of any other loss.
  package func lossR(_ loss: Loss, _ o: Panels, targets: Rows, _ ro: In, scale: Scale, into rdelta: Out) {
    guard let law = loss.law else { return lk_squared_error_r(scalar, o.operand, ro, scale.operand, rdelta) }
    lk_likelihood_r(scalar, o.operand, law, targets.operand, ro, scale.operand, rdelta)
  }

  /// The examples whose largest output is not at their label.
  package func countErrors(_ o: Panels, labels: Indices, indices: Indices?) -> Int {
    Int(lk_count_errors(scalar, o.operand, lk_labels(labels: labels, rows: indices)))
  }

  /// softmax(o), in panels.
  package func softmax(_ o: Panels, into probabilities: Out) { lk_softmax(scalar, o.operand, probabilities) }
}

// MARK: Vectors

extension Kernels {
  /// Standard normals of the elements from `first` on.
  package func normals(_ key: lk_noise_key, _ first: Int, _ count: Int, _ out: Out) {
    lk_normals(scalar, key, Int64(first), count, out)
  }

  /// Uniforms in the open interval (0, 1), likewise.
  package func uniforms(_ key: lk_noise_key, _ first: Int, _ count: Int, _ out: Out) {
    lk_uniforms(scalar, key, Int64(first), count, out)
  }

  /// One pass over a part of the parameter vector; see `lk_pass`.
  package func linearPass(
    _ pass: UnsafePointer<lk_pass>, _ first: Int64, _ count: Int, _ theta: Out, _ p: Out?, _ g: In?, _ u: In?, _ v: In?,
    _ given: UnsafePointer<In?>?, _ sums: UnsafeMutablePointer<lk_sums>?
  ) {
    let given = given.map { UnsafeRawPointer($0).assumingMemoryBound(to: UnsafeRawPointer?.self) }
    lk_linear_pass(scalar, pass, first, count, theta, p, g, u, v, given, sums)
  }

  /// The sum of x y.
  package func dot(_ x: In, _ y: In, _ count: Int) -> Double { lk_dot(scalar, x, y, count) }

  /// The sum of w x^2; nil stands for 1.
  package func weightedSquare(_ w: In?, _ x: In, _ count: Int) -> Double { lk_weighted_square(scalar, w, x, count) }

  /// y = a x + b y.
  package func axpby(_ a: Double, _ x: In, _ b: Double, _ y: Out, _ count: Int) { lk_axpby(scalar, a, x, b, y, count) }

  /// One step of Adam.
  package func adamPass(
    _ firstDecay: Double, _ secondDecay: Double, _ rate: Double, _ epsilon: Double, _ g: In, _ m: Out, _ v: Out,
    _ theta: Out, _ count: Int
  ) {
    lk_adam_pass(scalar, firstDecay, secondDecay, rate, epsilon, g, m, v, theta, count)
  }

  /// The energy sum of k (x - c)^2 / 2, whose gradient is added to g; `precision` stands for k where that is nil.
  package func harmonic(
    precision: Double, precisions: In?, center: In?, at x: In, addingTo g: Out, count: Int
  ) -> Double {
    lk_harmonic(scalar, precision, precisions, center, x, g, count)
  }

  /// The first element that is not finite, or -1.
  package func firstNonFinite(_ x: In, _ count: Int) -> Int { lk_first_nonfinite(scalar, x, count) }
}

extension Loss {
  /// The law as the kernels know it; nil for losses with kernels of their own.
  fileprivate var law: lk_target_law? {
    switch self {
    case .crossEntropy, .binaryCrossEntropy, .squaredError: nil
    case .gaussian: lk_target_law(law: LK_NORMAL_LAW, a: 0, b: 0)
    case .studentT(let degrees, let scale): lk_target_law(law: LK_STUDENT_FIXED_LAW, a: degrees, b: scale)
    case .scaledStudentT(let degrees): lk_target_law(law: LK_STUDENT_LAW, a: degrees, b: 0)
    case .poisson: lk_target_law(law: LK_POISSON_LAW, a: 0, b: 0)
    case .negativeBinomial(let shape): lk_target_law(law: LK_NEGATIVE_BINOMIAL_LAW, a: shape, b: Math.log(shape))
    case .bernoulli: lk_target_law(law: LK_BERNOULLI_LAW, a: 0, b: 0)
    }
  }
}
