import LangevinCore

/// What minibatches see at one point: the gradient a_i and the Hessian A_i of every example, each scaled to the whole
/// energy, so that a minibatch's gradient is the mean of its a_i.
///
/// The part of the energy that is no sum over examples, the prior, is in full in every a_i and A_i; it cancels from all
/// covariances.
public struct ExampleDerivatives: Sendable {
  /// a_i, one row for each example.
  public let gradients: DenseMatrix
  /// A_i
  public let hessians: [DenseMatrix]
  /// g = mean a_i
  public let gradient: [Double]
  /// H = mean A_i
  public let hessian: DenseMatrix

  /// Derivatives from their numbers.
  public init(gradients: DenseMatrix, hessians: [DenseMatrix]) throws {
    let (count, d) = (gradients.rows, gradients.columns)
    guard count > 0, hessians.count == count, hessians.allSatisfy({ $0.rows == d && $0.columns == d }) else {
      throw LangevinError.shape(of: "the examples' Hessians", found: [hessians.count], expected: [count, d, d])
    }
    guard gradients.elements.allSatisfy(\.isFinite), hessians.allSatisfy({ $0.magnitude.isFinite }) else {
      throw LangevinError.nonFinite("a derivative", in: "the examples", hint: "")
    }
    self.gradients = gradients
    self.hessians = hessians
    var mean = [Double](repeating: 0, count: d)
    var sum = DenseMatrix(zeros: d, d)
    for example in 0..<count {
      for k in 0..<d { mean[k] += gradients[example, k] / Double(count) }
      sum = sum + hessians[example]
    }
    gradient = mean
    hessian = try (1 / Double(count) * sum).symmetrised()
  }

  /// The derivatives of `scale` times a posterior's energy at a point, by Hessian-vector products, example by example.
  public init(of posterior: Posterior<Double>, at position: [Double], scale: Double = 1) throws {
    let d = posterior.parameterCount
    let theta = Tensor(position)
    var workspace = posterior.makeWorkspace()
    var gradient = Tensor<Double>(zeros: d)
    var gradients = DenseMatrix(zeros: posterior.exampleCount, d)
    var hessians: [DenseMatrix] = []
    for example in 0..<posterior.exampleCount {
      let batch = Minibatch(rows: [Int32(example)])
      _ = try posterior.evaluate(at: theta, over: batch, gradient: &gradient, workspace: &workspace)
      for k in 0..<d { gradients[example, k] = scale * gradient[k] }
      hessians.append(try scale * posterior.hessian(at: position, over: batch, workspace: &workspace))
    }
    try self.init(gradients: gradients, hessians: hessians)
  }

  /// N
  public var exampleCount: Int { gradients.rows }

  /// a_i - g, one row for each example.
  var deviations: DenseMatrix {
    var result = gradients
    for row in 0..<result.rows { for k in 0..<result.columns { result[row, k] -= gradient[k] } }
    return result
  }
}

// MARK: Noise of minibatches

extension ExampleDerivatives {
  /// S_B, the covariance of a minibatch's gradient: that of the examples, times 1/B for independent draws and times
  /// (N - B)/(B (N - 1)) for B distinct examples.
  public func gradientCovariance(of scheme: BatchScheme) throws -> DenseMatrix {
    try check(scheme)
    let centred = deviations
    let population = 1 / Double(exampleCount) * (centred.transpose * centred)
    return GradientMoments<Double>.varianceFactor(of: scheme, exampleCount: exampleCount) * population
  }

  /// The gradient of trace S_B with respect to the weights: 2 f [mean A_i a_i - H g], f the factor of S_B.
  public func traceGradient(of scheme: BatchScheme) throws -> [Double] {
    try check(scheme)
    let factor = GradientMoments<Double>.varianceFactor(of: scheme, exampleCount: exampleCount)
    var sum = (hessian * gradient).map { -$0 }
    for example in 0..<exampleCount {
      for (k, value) in (hessians[example] * gradients.row(example)).enumerated() {
        sum[k] += value / Double(exampleCount)
      }
    }
    return sum.map { 2 * factor * $0 }
  }

  /// D of one time unit: the displacement has the covariance 2 D.
  ///
  /// - `.subset`, `.distinct`, `.withReplacement`: D = (h^2/2) S_B for one step.
  /// - `.epochs`: D = (h^4/2) Cov(sum_j<k H_k g_j) for one epoch, the first order in which it depends on the epoch's
  ///   permutation. This is for points with g = 0, and exact for the finite population. It was derived here, not published.
  public func diffusion(of scheme: BatchScheme, stepSize h: Double) throws -> DenseMatrix {
    try checkPositive(h, "the step size")
    guard case .epochs(let size, _) = scheme else { return h * h / 2 * (try gradientCovariance(of: scheme)) }
    try check(scheme)
    guard exampleCount % size == 0 else {
      throw TheoryError.unsupported(
        "the theory of epochs needs batches of equal size; \(size) does not divide \(exampleCount)")
    }
    let covariance = exampleCount < 4 ? try sweepCovarianceByListing(size) : sweepCovariance(size)
    return h * h * h * h / 2 * covariance
  }

  /// D of an epoch as it would be if all batches had the same Hessian: (h^4/2) (n^2 (n + 1)/12) H S_B H.
  public func leadingDiffusion(batchSize: Int, stepSize h: Double) throws -> DenseMatrix {
    let n = Double(exampleCount) / Double(batchSize)
    let covariance = try gradientCovariance(of: .subset(batchSize))
    return h * h * h * h * n * n * (n + 1) / 24 * (hessian * covariance * hessian)
  }

  private func check(_ scheme: BatchScheme) throws(LangevinError) {
    if let size = scheme.size {
      try require(1...exampleCount ~= size, "the batch size", is: size, expected: "1 to \(exampleCount)")
    }
  }
}

// MARK: Epochs

extension ExampleDerivatives {
  /// Cov(sum_j<k H_k g_j) over random permutations, j and k batches in the order of their use.
  ///
  /// With u_il = A_l a_i the sum is that of u_il/B^2 over all pairs with i in an earlier batch than l. Its second moment is
  /// a sum over pairs of pairs, sorted by which indices coincide (Q1 to Q7), each times the probability that random distinct
  /// examples fall in batches in that order.
  private func sweepCovariance(_ size: Int) -> DenseMatrix {
    let (count, d) = (exampleCount, gradients.columns)
    // u_il u_li' and its like need every pair, so the products are kept: N^2 d numbers.
    let products: [DenseMatrix] = hessians.enumerated().map { l, hessian in
      var rows = gradients * hessian
      for k in 0..<d { rows[l, k] = 0 }
      return rows
    }
    var (sumOverLater, sumOverEarlier) = (DenseMatrix(zeros: count, d), DenseMatrix(zeros: count, d))
    var (total, q1, qs) = ([Double](repeating: 0, count: d), DenseMatrix(zeros: d, d), DenseMatrix(zeros: d, d))
    for l in 0..<count {
      let u = products[l]
      q1.add(u.transpose, times: u)
      var mirrored = DenseMatrix(zeros: count, d)
      for i in 0..<count {
        for k in 0..<d {
          sumOverLater[i, k] += u[i, k]
          sumOverEarlier[l, k] += u[i, k]
          total[k] += u[i, k]
          mirrored[i, k] = products[i][l, k]
        }
      }
      qs.add(u.transpose, times: mirrored)
    }
    let q3 = sumOverLater.transpose * sumOverLater - q1
    let q4 = sumOverEarlier.transpose * sumOverEarlier - q1
    let q5 = sumOverLater.transpose * sumOverEarlier - qs
    let square = DenseMatrix(total, outer: total)
    let q7 = square - q1 - qs - q3 - q4 - q5 - q5.transpose

    let (b, n) = (Double(size), Double(count))
    let together = (b - 1) / (n - 1)
    let ordered = (1 - together) / 2
    let three = (n - b) * (n - 2 * b) / ((n - 1) * (n - 2))
    let twoAndOne = (b - 1) * (n - b) / ((n - 1) * (n - 2))
    let shared = three / 3 + twoAndOne / 2
    let chained = three / 6
    let bothTogether =
      ((b - 1) * (b - 2) * (b - 3) + (b - 1) * (b - 1) * (n - b)) / ((n - 1) * (n - 2) * (n - 3))
    let bothOrdered = (1 - 2 * together + bothTogether) / 4
    let pairs = ordered * q1 + shared * (q3 + q4) + chained * (q5 + q5.transpose) + bothOrdered * q7
    return 1 / (b * b * b * b) * (pairs - ordered * ordered * square)
  }

  /// The same from all permutations, one by one: N! of them.
  package func sweepCovarianceByListing(_ size: Int) throws -> DenseMatrix {
    guard exampleCount <= 8 else { throw TheoryError.unsupported("at most 8 examples have few enough permutations") }
    let d = gradients.columns
    var (sum, square, permutations) = ([Double](repeating: 0, count: d), DenseMatrix(zeros: d, d), 0.0)
    func visit(_ order: [Int], _ rest: [Int]) {
      guard rest.isEmpty else {
        for index in rest.indices {
          var left = rest
          visit(order + [left.remove(at: index)], left)
        }
        return
      }
      let s = sweep(order, size)
      for k in 0..<d { sum[k] += s[k] }
      square = square + DenseMatrix(s, outer: s)
      permutations += 1
    }
    visit([], Array(0..<exampleCount))
    return 1 / permutations * square - 1 / (permutations * permutations) * DenseMatrix(sum, outer: sum)
  }

  /// sum_j<k H_k g_j for one order of the examples.
  private func sweep(_ order: [Int], _ size: Int) -> [Double] {
    var earlier = [Double](repeating: 0, count: gradients.columns)
    var result = earlier
    for start in stride(from: 0, to: order.count, by: size) {
      let batch = order[start..<start + size]
      var step = earlier
      for example in batch {
        for (k, value) in (hessians[example] * earlier).enumerated() { result[k] += value / Double(size) }
        for k in step.indices { step[k] += gradients[example, k] / Double(size) }
      }
      earlier = step
    }
    return result
  }

  /// D of an epoch as estimated from random permutations, for data sets whose N^2 pairs are too many. The relative error
  /// in norm is about sqrt((d + 1)/permutations).
  public func sampledDiffusion(
    batchSize: Int, stepSize h: Double, permutations: Int, seed: UInt64 = 0
  ) throws -> DenseMatrix {
    try check(.epochs(batchSize))
    guard permutations >= 2 else {
      throw TheoryError.tooFew("permutations", found: permutations, needed: 2)
    }
    let (count, d) = (exampleCount, gradients.columns)
    let stream = RandomStream(seed: seed, purpose: .batches)
    var order = (0..<count).map { Int32($0) }
    var (sum, square) = ([Double](repeating: 0, count: d), DenseMatrix(zeros: d, d))
    for number in 0..<permutations {
      order.withUnsafeMutableBufferPointer { stream.shuffle($0, step: UInt64(number)) }
      let s = sweep(order.prefix(count / batchSize * batchSize).map { Int($0) }, batchSize)
      for k in 0..<d {
        sum[k] += s[k]
        for l in 0..<d { square[k, l] += s[k] * s[l] }
      }
    }
    let n = Double(permutations)
    let covariance = 1 / (n - 1) * (square - 1 / n * DenseMatrix(sum, outer: sum))
    return h * h * h * h / 2 * covariance
  }
}
