import LangevinCore

/// A square matrix by rows, as much of it as discrete Lyapunov equations need.
public struct SquareMatrix {
  /// Rows.
  public let count: Int
  /// Row by row.
  public var elements: [Double]

  /// From rows.
  public init(_ rows: [[Double]]) {
    count = rows.count
    elements = rows.flatMap(\.self)
  }

  /// An element.
  public subscript(row: Int, column: Int) -> Double {
    get { elements[row * count + column] }
    set { elements[row * count + column] = newValue }
  }

  /// self + a b
  public func adding(_ a: SquareMatrix, times b: SquareMatrix) -> SquareMatrix {
    var result = self
    let n = count
    result.elements.withUnsafeMutableBufferPointer { out in
      b.elements.withUnsafeBufferPointer { b in
        guard let out = out.baseAddress, let b = b.baseAddress else { return }
        for i in 0..<n {
          for k in 0..<n where a[i, k] != 0 { Double.kernels.axpby(a[i, k], b + k * n, 1, out + i * n, n) }
        }
      }
    }
    return result
  }

  /// Zeros.
  public static func zeros(_ count: Int) -> SquareMatrix {
    SquareMatrix(Array(repeating: Array(repeating: 0, count: count), count: count))
  }
  /// The product.
  public static func * (a: SquareMatrix, b: SquareMatrix) -> SquareMatrix { zeros(a.count).adding(a, times: b) }
  /// The transpose.
  public var transposed: SquareMatrix {
    var result = self
    for i in 0..<count { for j in 0..<count { result[j, i] = self[i, j] } }
    return result
  }
}
