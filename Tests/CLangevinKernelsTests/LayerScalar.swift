import CLangevinKernels

/// The kernels of a layer for both element types under one name.
protocol LayerScalar: KernelScalar {
  static func forward(
    w: UnsafePointer<Self>, bias: UnsafePointer<Self>?, outs: Int, ins: Int, x: UnsafePointer<Self>, xStride: Int,
    rows: UnsafePointer<Int32>?, batch: Int, activation: lk_activation, accumulate: Bool,
    z: UnsafeMutablePointer<Self>?, h: UnsafeMutablePointer<Self>, stride: Int)
  static func inputGradient(
    w: UnsafePointer<Self>, outs: Int, ins: Int, delta: UnsafePointer<Self>, deltaStride: Int, batch: Int,
    activation: lk_activation, saved: UnsafePointer<Self>?, savedStride: Int, accumulate: Bool,
    dx: UnsafeMutablePointer<Self>, dxStride: Int)
  /// Of the squares of all elements, if `squared`.
  static func weightGradient(
    squared: Bool, delta: UnsafePointer<Self>, deltaStride: Int, outs: Int, x: UnsafePointer<Self>, xStride: Int,
    rows: UnsafePointer<Int32>?, ins: Int, batch: Int, scale: Self, accumulate: Bool, dw: UnsafeMutablePointer<Self>,
    db: UnsafeMutablePointer<Self>?)
}

extension Float: LayerScalar {
  static func forward(
    w: UnsafePointer<Float>, bias: UnsafePointer<Float>?, outs: Int, ins: Int, x: UnsafePointer<Float>, xStride: Int,
    rows: UnsafePointer<Int32>?, batch: Int, activation: lk_activation, accumulate: Bool,
    z: UnsafeMutablePointer<Float>?, h: UnsafeMutablePointer<Float>, stride: Int
  ) {
    lk_forward_f32(w, bias, outs, ins, x, xStride, rows, batch, activation, accumulate, z, h, stride)
  }

  static func inputGradient(
    w: UnsafePointer<Float>, outs: Int, ins: Int, delta: UnsafePointer<Float>, deltaStride: Int, batch: Int,
    activation: lk_activation, saved: UnsafePointer<Float>?, savedStride: Int, accumulate: Bool,
    dx: UnsafeMutablePointer<Float>, dxStride: Int
  ) {
    lk_input_gradient_f32(
      w, outs, ins, delta, deltaStride, batch, activation, saved, savedStride, accumulate, dx, dxStride)
  }

  static func weightGradient(
    squared: Bool, delta: UnsafePointer<Float>, deltaStride: Int, outs: Int, x: UnsafePointer<Float>, xStride: Int,
    rows: UnsafePointer<Int32>?, ins: Int, batch: Int, scale: Float, accumulate: Bool, dw: UnsafeMutablePointer<Float>,
    db: UnsafeMutablePointer<Float>?
  ) {
    if squared {
      lk_weight_second_moment_f32(delta, deltaStride, outs, x, xStride, rows, ins, batch, scale, accumulate, dw, db)
    } else {
      lk_weight_gradient_f32(
        delta, deltaStride, outs, x, xStride, rows, ins, batch, scale, accumulate, 0, nil, nil, dw, db)
    }
  }
}

extension Double: LayerScalar {
  static func forward(
    w: UnsafePointer<Double>, bias: UnsafePointer<Double>?, outs: Int, ins: Int, x: UnsafePointer<Double>, xStride: Int,
    rows: UnsafePointer<Int32>?, batch: Int, activation: lk_activation, accumulate: Bool,
    z: UnsafeMutablePointer<Double>?, h: UnsafeMutablePointer<Double>, stride: Int
  ) {
    lk_forward_f64(w, bias, outs, ins, x, xStride, rows, batch, activation, accumulate, z, h, stride)
  }

  static func inputGradient(
    w: UnsafePointer<Double>, outs: Int, ins: Int, delta: UnsafePointer<Double>, deltaStride: Int, batch: Int,
    activation: lk_activation, saved: UnsafePointer<Double>?, savedStride: Int, accumulate: Bool,
    dx: UnsafeMutablePointer<Double>, dxStride: Int
  ) {
    lk_input_gradient_f64(
      w, outs, ins, delta, deltaStride, batch, activation, saved, savedStride, accumulate, dx, dxStride)
  }

  static func weightGradient(
    squared: Bool, delta: UnsafePointer<Double>, deltaStride: Int, outs: Int, x: UnsafePointer<Double>, xStride: Int,
    rows: UnsafePointer<Int32>?, ins: Int, batch: Int, scale: Double, accumulate: Bool,
    dw: UnsafeMutablePointer<Double>,
    db: UnsafeMutablePointer<Double>?
  ) {
    if squared {
      lk_weight_second_moment_f64(delta, deltaStride, outs, x, xStride, rows, ins, batch, scale, accumulate, dw, db)
    } else {
      lk_weight_gradient_f64(
        delta, deltaStride, outs, x, xStride, rows, ins, batch, scale, accumulate, 0, nil, nil, dw, db)
    }
  }
}
