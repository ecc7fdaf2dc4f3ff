import CLangevinKernels

/// The kernels of both element types under one name, so that a test is written once.
protocol KernelScalar: BinaryFloatingPoint, Sendable {
  static func normals(_ key: lk_noise_key, first: Int, count: Int) -> [Self]
  static func uniforms(_ key: lk_noise_key, first: Int, count: Int) -> [Self]
  static func activate(_ activation: lk_activation, _ z: [Self]) -> [Self]
  static func backward(
    _ activation: lk_activation, saved: [Self], savedStride: Int, delta: inout [Self], deltaStride: Int, batch: Int,
    width: Int)
  static func rForward(_ activation: lk_activation, saved: [Self], rz: [Self]) -> [Self]
  static func rBackward(
    _ activation: lk_activation, saved: [Self], rz: [Self], delta: inout [Self], rdelta: inout [Self])
  static func crossEntropy(
    _ o: [Self], stride: Int, labels: [Int32], rows: [Int32]?, batch: Int, classes: Int, scale: Self,
    delta: UnsafeMutablePointer<Self>?, deltaStride: Int
  ) -> Double
  static func binaryCrossEntropy(
    _ o: [Self], stride: Int, labels: [Int32], rows: [Int32]?, batch: Int, scale: Self,
    delta: UnsafeMutablePointer<Self>?, deltaStride: Int
  ) -> Double
  static func squaredError(
    _ o: [Self], stride: Int, targets: [Self], targetStride: Int, rows: [Int32]?, batch: Int, outputs: Int, scale: Self,
    delta: UnsafeMutablePointer<Self>?, deltaStride: Int
  ) -> Double
  static func crossEntropyR(_ o: [Self], _ ro: [Self], stride: Int, batch: Int, classes: Int, scale: Self) -> [Self]
  static func binaryCrossEntropyR(_ o: [Self], _ ro: [Self], scale: Self) -> [Self]
  static func countErrors(_ o: [Self], stride: Int, labels: [Int32], rows: [Int32]?, batch: Int, classes: Int) -> Int64
  static func softmax(_ o: [Self], batch: Int, classes: Int) -> [Self]
  /// `p` null where `movesP` is false; `given` is the first noise.
  static func linearPass(
    _ pass: lk_pass, first: Int, theta: inout [Self], p: inout [Self], movesP: Bool, g: [Self]?, u: [Self]?, v: [Self]?,
    given: [Self]?, sums: UnsafeMutablePointer<lk_sums>?)
  static func dot(_ x: [Self], _ y: [Self]) -> Double
  static func weightedSquare(_ w: [Self]?, _ x: [Self]) -> Double
  static func axpby(_ a: Double, _ x: [Self], _ b: Double, _ y: inout [Self])
  static func harmonic(_ precision: Double, _ k: [Self]?, _ c: [Self]?, _ x: [Self], _ g: inout [Self]) -> Double
  static func firstNonfinite(_ x: [Self]) -> Int
}

extension Float: KernelScalar {
  static func normals(_ key: lk_noise_key, first: Int, count: Int) -> [Float] {
    var out = [Float](repeating: .nan, count: count)
    lk_normals_f32(key, Int64(first), count, &out)
    return out
  }

  static func uniforms(_ key: lk_noise_key, first: Int, count: Int) -> [Float] {
    var out = [Float](repeating: .nan, count: count)
    lk_uniforms_f32(key, Int64(first), count, &out)
    return out
  }

  static func activate(_ activation: lk_activation, _ z: [Float]) -> [Float] {
    var h = [Float](repeating: .nan, count: z.count)
    lk_activate_f32(activation, z, &h, z.count)
    return h
  }

  static func backward(
    _ activation: lk_activation, saved: [Float], savedStride: Int, delta: inout [Float], deltaStride: Int, batch: Int,
    width: Int
  ) {
    lk_activation_backward_f32(activation, saved, savedStride, &delta, deltaStride, batch, width)
  }

  static func rForward(_ activation: lk_activation, saved: [Float], rz: [Float]) -> [Float] {
    var rh = [Float](repeating: .nan, count: rz.count)
    lk_r_forward_f32(activation, saved, rz, &rh, rz.count)
    return rh
  }

  static func rBackward(
    _ activation: lk_activation, saved: [Float], rz: [Float], delta: inout [Float], rdelta: inout [Float]
  ) {
    lk_r_backward_f32(activation, saved, rz, &delta, &rdelta, rz.count)
  }

  static func crossEntropy(
    _ o: [Float], stride: Int, labels: [Int32], rows: [Int32]?, batch: Int, classes: Int, scale: Float,
    delta: UnsafeMutablePointer<Float>?, deltaStride: Int
  ) -> Double {
    lk_cross_entropy_f32(o, stride, labels, rows, batch, classes, scale, delta, deltaStride)
  }

  static func binaryCrossEntropy(
    _ o: [Float], stride: Int, labels: [Int32], rows: [Int32]?, batch: Int, scale: Float,
    delta: UnsafeMutablePointer<Float>?, deltaStride: Int
  ) -> Double {
    lk_binary_cross_entropy_f32(o, stride, labels, rows, batch, scale, delta, deltaStride)
  }

  static func squaredError(
    _ o: [Float], stride: Int, targets: [Float], targetStride: Int, rows: [Int32]?, batch: Int, outputs: Int,
    scale: Float,
    delta: UnsafeMutablePointer<Float>?, deltaStride: Int
  ) -> Double {
    lk_squared_error_f32(o, stride, targets, targetStride, rows, batch, outputs, scale, delta, deltaStride)
  }

  static func crossEntropyR(
    _ o: [Float], _ ro: [Float], stride: Int, batch: Int, classes: Int, scale: Float
  ) -> [Float] {
    var rdelta = [Float](repeating: .nan, count: o.count)
    lk_cross_entropy_r_f32(o, ro, stride, batch, classes, scale, &rdelta)
    return rdelta
  }

  static func binaryCrossEntropyR(_ o: [Float], _ ro: [Float], scale: Float) -> [Float] {
    var rdelta = [Float](repeating: .nan, count: o.count)
    lk_binary_cross_entropy_r_f32(o, ro, 1, o.count, scale, &rdelta)
    return rdelta
  }

  static func countErrors(
    _ o: [Float], stride: Int, labels: [Int32], rows: [Int32]?, batch: Int, classes: Int
  ) -> Int64 {
    lk_count_errors_f32(o, stride, labels, rows, batch, classes)
  }

  static func softmax(_ o: [Float], batch: Int, classes: Int) -> [Float] {
    var probabilities = [Float](repeating: .nan, count: o.count)
    lk_softmax_f32(o, classes, batch, classes, &probabilities, classes)
    return probabilities
  }

  static func linearPass(
    _ pass: lk_pass, first: Int, theta: inout [Float], p: inout [Float], movesP: Bool, g: [Float]?, u: [Float]?,
    v: [Float]?,
    given: [Float]?, sums: UnsafeMutablePointer<lk_sums>?
  ) {
    let count = theta.count
    p.withUnsafeMutableBufferPointer { p in
      let p = movesP ? p.baseAddress : nil
      withUnsafePointer(to: pass) { pass in
        guard let given else { return lk_linear_pass_f32(pass, Int64(first), count, &theta, p, g, u, v, nil, sums) }
        given.withUnsafeBufferPointer {
          lk_linear_pass_f32(pass, Int64(first), count, &theta, p, g, u, v, [$0.baseAddress, nil, nil, nil], sums)
        }
      }
    }
  }

  static func dot(_ x: [Float], _ y: [Float]) -> Double { lk_dot_f32(x, y, x.count) }
  static func weightedSquare(_ w: [Float]?, _ x: [Float]) -> Double { lk_weighted_square_f32(w, x, x.count) }
  static func axpby(_ a: Double, _ x: [Float], _ b: Double, _ y: inout [Float]) {
    lk_axpby_f32(a, x, b, &y, x.count)
  }
  static func harmonic(
    _ precision: Double, _ k: [Float]?, _ c: [Float]?, _ x: [Float], _ g: inout [Float]
  ) -> Double {
    lk_harmonic_f32(precision, k, c, x, &g, x.count)
  }
  static func firstNonfinite(_ x: [Float]) -> Int { lk_first_nonfinite_f32(x, x.count) }
}

extension Double: KernelScalar {
  static func normals(_ key: lk_noise_key, first: Int, count: Int) -> [Double] {
    var out = [Double](repeating: .nan, count: count)
    lk_normals_f64(key, Int64(first), count, &out)
    return out
  }

  static func uniforms(_ key: lk_noise_key, first: Int, count: Int) -> [Double] {
    var out = [Double](repeating: .nan, count: count)
    lk_uniforms_f64(key, Int64(first), count, &out)
    return out
  }

  static func activate(_ activation: lk_activation, _ z: [Double]) -> [Double] {
    var h = [Double](repeating: .nan, count: z.count)
    lk_activate_f64(activation, z, &h, z.count)
    return h
  }

  static func backward(
    _ activation: lk_activation, saved: [Double], savedStride: Int, delta: inout [Double], deltaStride: Int, batch: Int,
    width: Int
  ) {
    lk_activation_backward_f64(activation, saved, savedStride, &delta, deltaStride, batch, width)
  }

  static func rForward(_ activation: lk_activation, saved: [Double], rz: [Double]) -> [Double] {
    var rh = [Double](repeating: .nan, count: rz.count)
    lk_r_forward_f64(activation, saved, rz, &rh, rz.count)
    return rh
  }

  static func rBackward(
    _ activation: lk_activation, saved: [Double], rz: [Double], delta: inout [Double], rdelta: inout [Double]
  ) {
    lk_r_backward_f64(activation, saved, rz, &delta, &rdelta, rz.count)
  }

  static func crossEntropy(
    _ o: [Double], stride: Int, labels: [Int32], rows: [Int32]?, batch: Int, classes: Int, scale: Double,
    delta: UnsafeMutablePointer<Double>?, deltaStride: Int
  ) -> Double {
    lk_cross_entropy_f64(o, stride, labels, rows, batch, classes, scale, delta, deltaStride)
  }

  static func binaryCrossEntropy(
    _ o: [Double], stride: Int, labels: [Int32], rows: [Int32]?, batch: Int, scale: Double,
    delta: UnsafeMutablePointer<Double>?, deltaStride: Int
  ) -> Double {
    lk_binary_cross_entropy_f64(o, stride, labels, rows, batch, scale, delta, deltaStride)
  }

  static func squaredError(
    _ o: [Double], stride: Int, targets: [Double], targetStride: Int, rows: [Int32]?, batch: Int, outputs: Int,
    scale: Double,
    delta: UnsafeMutablePointer<Double>?, deltaStride: Int
  ) -> Double {
    lk_squared_error_f64(o, stride, targets, targetStride, rows, batch, outputs, scale, delta, deltaStride)
  }

  static func crossEntropyR(
    _ o: [Double], _ ro: [Double], stride: Int, batch: Int, classes: Int, scale: Double
  ) -> [Double] {
    var rdelta = [Double](repeating: .nan, count: o.count)
    lk_cross_entropy_r_f64(o, ro, stride, batch, classes, scale, &rdelta)
    return rdelta
  }

  static func binaryCrossEntropyR(_ o: [Double], _ ro: [Double], scale: Double) -> [Double] {
    var rdelta = [Double](repeating: .nan, count: o.count)
    lk_binary_cross_entropy_r_f64(o, ro, 1, o.count, scale, &rdelta)
    return rdelta
  }

  static func countErrors(
    _ o: [Double], stride: Int, labels: [Int32], rows: [Int32]?, batch: Int, classes: Int
  ) -> Int64 {
    lk_count_errors_f64(o, stride, labels, rows, batch, classes)
  }

  static func softmax(_ o: [Double], batch: Int, classes: Int) -> [Double] {
    var probabilities = [Double](repeating: .nan, count: o.count)
    lk_softmax_f64(o, classes, batch, classes, &probabilities, classes)
    return probabilities
  }

  static func linearPass(
    _ pass: lk_pass, first: Int, theta: inout [Double], p: inout [Double], movesP: Bool, g: [Double]?, u: [Double]?,
    v: [Double]?,
    given: [Double]?, sums: UnsafeMutablePointer<lk_sums>?
  ) {
    let count = theta.count
    p.withUnsafeMutableBufferPointer { p in
      let p = movesP ? p.baseAddress : nil
      withUnsafePointer(to: pass) { pass in
        guard let given else { return lk_linear_pass_f64(pass, Int64(first), count, &theta, p, g, u, v, nil, sums) }
        given.withUnsafeBufferPointer {
          lk_linear_pass_f64(pass, Int64(first), count, &theta, p, g, u, v, [$0.baseAddress, nil, nil, nil], sums)
        }
      }
    }
  }

  static func dot(_ x: [Double], _ y: [Double]) -> Double { lk_dot_f64(x, y, x.count) }
  static func weightedSquare(_ w: [Double]?, _ x: [Double]) -> Double { lk_weighted_square_f64(w, x, x.count) }
  static func axpby(_ a: Double, _ x: [Double], _ b: Double, _ y: inout [Double]) {
    lk_axpby_f64(a, x, b, &y, x.count)
  }
  static func harmonic(
    _ precision: Double, _ k: [Double]?, _ c: [Double]?, _ x: [Double], _ g: inout [Double]
  ) -> Double {
    lk_harmonic_f64(precision, k, c, x, &g, x.count)
  }
  static func firstNonfinite(_ x: [Double]) -> Int { lk_first_nonfinite_f64(x, x.count) }
}
