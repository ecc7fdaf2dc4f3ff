import Langevin

/// How sharp a minimum of the training loss is, seen from one point.
///
/// Trace and largest eigenvalue of the Hessian by products with vectors (Hutchinson's estimate, Lanczos' method), and how much the
/// loss rises on steps in random directions. Of a ReLU network none of them is invariant under a rescaling of a unit that
/// leaves its function as it is (Dinh et al., arXiv 1703.04933), which is why the rise is also told for steps of a fixed share of the norm.
package struct Sharpness: Sendable {
  /// The trace of the Hessian, and its standard error over the random vectors.
  package let trace: Estimate
  /// The largest eigenvalue of the Hessian.
  package let largestEigenvalue: Double
  /// The mean rise of the loss on steps of a given length, and on steps of a given share of the norm.
  package let rise: Double, relativeRise: Double

  /// Looks around a point, on at most so many examples, the first: `probes` random vectors for the trace and as many steps, of
  /// a length and of a share of the norm.
  package init(
    of posterior: Posterior<Float>, at point: Tensor<Float>, examples: Int = 1000, probes: Int = 10,
    iterations: Int = 15, length: Double = 0.5, share: Double = 0.05, random: RandomStream
  ) throws {
    let rows = (0..<min(examples, posterior.exampleCount)).map { Int32($0) }
    let batch = Minibatch(rows: rows)
    var workspace = posterior.makeWorkspace()
    let count = point.count

    func normals(_ number: Int) -> Tensor<Float> {
      var tensor = Tensor<Float>(zeros: count)
      random.substream(UInt64(number)).fillNormals(&tensor)
      return tensor
    }
    func product(_ vector: Tensor<Float>) throws -> Tensor<Float> {
      try posterior.hessianProduct(with: vector, at: point, over: batch, workspace: &workspace)
    }

    var traces: [Double] = []
    for probe in 0..<probes {
      let signs = normals(probe).mapped { $0 < 0 ? -1 : 1 }
      traces.append(signs.dot(try product(signs), over: 0..<count))
    }
    trace = Estimate(meanOfIndependent: traces)
    largestEigenvalue = try Self.largestEigenvalue(iterations: min(iterations, count), from: normals(probes), product)

    let loss = try posterior.fit(at: point, over: batch, workspace: &workspace).cost
    func rise(_ length: Double) throws -> Double {
      var sum = 0.0
      for probe in 0..<probes {
        let direction = normals(probes + 1 + probe)
        let factor = length / direction.squaredNorm().squareRoot()
        var moved = point
        for index in 0..<count { moved[index] += Float(factor * Double(direction[index])) }
        sum += try posterior.fit(at: moved, over: batch, workspace: &workspace).cost - loss
      }
      return sum / Double(probes)
    }
    self.rise = try rise(length)
    relativeRise = try rise(share * point.squaredNorm().squareRoot())
  }

  /// The largest eigenvalue of a symmetric matrix that is known by its products: that of the tridiagonal matrix of Lanczos' method,
  /// with every new vector made orthogonal to all before it.
  package static func largestEigenvalue(
    iterations: Int, from start: Tensor<Float>, _ product: (Tensor<Float>) throws -> Tensor<Float>
  ) throws -> Double {
    var basis: [[Double]] = []
    var diagonal: [Double] = []
    var offDiagonal: [Double] = []
    func norm(_ v: [Double]) -> Double { v.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    var next = start.elements.map(Double.init)
    var length = norm(next)
    while basis.count < iterations, length > 0 {
      let v = next.map { $0 / length }
      basis.append(v)
      next = try product(Tensor(v.map { Float($0) })).elements.map(Double.init)
      diagonal.append(zip(v, next).reduce(0) { $0 + $1.0 * $1.1 })
      for earlier in basis {
        let share = zip(earlier, next).reduce(0) { $0 + $1.0 * $1.1 }
        for index in next.indices { next[index] -= share * earlier[index] }
      }
      length = norm(next)
      // What is left is rounding: the vectors so far span all that the matrix makes of the start.
      if length <= 1e-5 * diagonal.reduce(0, { max($0, abs($1)) }) { break }
      offDiagonal.append(length)
    }
    var matrix = diagonal.indices.map { row in diagonal.indices.map { $0 == row ? diagonal[row] : 0 } }
    for index in diagonal.indices.dropLast() {
      (matrix[index][index + 1], matrix[index + 1][index]) = (offDiagonal[index], offDiagonal[index])
    }
    return symmetricEigen(matrix).values.first ?? 0
  }
}
