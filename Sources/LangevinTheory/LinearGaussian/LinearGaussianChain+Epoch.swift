/// The mean action of an epoch on second moments, scheme by scheme.
///
/// Sets of examples are bit masks.
extension LinearGaussianChain {
  typealias Mask = UInt32

  var everything: Mask { (1 << Mask(problem.count)) - 1 }
  /// The number of batches in an epoch, the short one counted.
  var batchesPerEpoch: Int { (problem.count + batchSize - 1) / batchSize }

  func epochOperator(of scheme: Scheme) -> DenseMatrix {
    let dimension = problem.dimension
    switch scheme {
    case .fullGradient(let step):
      return linearStep(step, everything).momentOperator
    case .independentBatches(let step):
      return mean(over: subsets(of: everything, size: batchSize)) { linearStep(step, $0).momentOperator }
    case .reshuffled(let step), .readEveryStep(let step):
      return sweep { linearStep(step, $0).momentOperator }
    case .thereAndBack(let step):
      return sweep(returning: true) { linearStep(step, $0).momentOperator }
    case .fixedOrder(let step):
      return fixedOrder.reduce(LinearStep(noise: 0, count: dimension)) { linearStep(step, $1).after($0) }.momentOperator
    case .noisePerEpoch(let place, let step):
      let steps = sweep { linearStep(step, $0).noiseless.momentOperator }
      let variance = 2 * stepSize * temperature * Double(problem.count) / Double(batchSize)
      let (whole, half) = (noise(variance), noise(variance / 2))
      switch place {
      case .end: return whole * steps
      case .before: return steps * whole
      case .split: return half * steps * half
      }
    case .oneCorrection:
      return correctedSweep(
        plain: { splitStep($0, correction: 0) }, corrected: { splitStep($0, correction: Double(batchesPerEpoch)) })
    case .oneCorrectionSharedNoise:
      if batchesPerEpoch == 1 { return sweep { linearStep(.sharedNoise, $0).momentOperator } }
      if batchSize > 1 { return sharedNoiseByListing }
      return correctedSweep(plain: { linearStep(.sharedNoise, $0).momentOperator }) { batch in
        mean(over: subsets(of: everything & ~batch, size: 1)) { sharedStep(batch, other: $0).momentOperator }
      }
    }
  }

  /// The operator that takes the moments at the end of an epoch to the mean of those after each step of the next.
  func meanOverEpoch(_ step: OverdampedStep) -> DenseMatrix {
    let table = sweepTable { linearStep(step, $0).momentOperator }
    let parts = (1...batchesPerEpoch).map { number in
      let sets = table.keys.filter { $0.nonzeroBitCount == min(number * batchSize, problem.count) }
      return mean(over: sets.sorted()) { table[$0] ?? .identity(table[0]?.rows ?? 0) }
    }
    return mean(over: Array(parts.indices)) { parts[$0] }
  }
}

// MARK: Steps

extension LinearGaussianChain {
  private func gradient(_ batch: Mask) -> (hessian: DenseMatrix, force: [Double]) {
    problem.batch((0..<problem.count).filter { batch & (1 << Mask($0)) != 0 }, size: batch.nonzeroBitCount)
  }

  /// h, or h B'/B for the short batch.
  private func stepSize(_ batch: Mask) -> Double {
    batch == everything ? stepSize : stepSize * Double(batch.nonzeroBitCount) / Double(batchSize)
  }

  func linearStep(_ kind: OverdampedStep, _ batch: Mask) -> LinearStep {
    LinearStep(kind, gradient(batch), stepSize: stepSize(batch), temperature: temperature)
  }

  private func splitStep(_ batch: Mask, correction: Double) -> DenseMatrix {
    LinearStep(
      splitNoise: gradient(batch), stepSize: stepSize(batch), temperature: temperature, correction: correction
    ).momentOperator
  }

  private func sharedStep(_ batch: Mask, other: Mask) -> LinearStep {
    LinearStep(
      sharedNoise: gradient(batch), other: gradient(other), stepSize: stepSize, temperature: temperature,
      correction: Double(batchesPerEpoch - 1))
  }

  private func noise(_ variance: Double) -> DenseMatrix {
    LinearStep(noise: variance, count: problem.dimension).momentOperator
  }

  /// The batches of the natural order.
  private var fixedOrder: [Mask] {
    stride(from: 0, to: problem.count, by: batchSize).map { start in
      (start..<min(start + batchSize, problem.count)).reduce(0) { $0 | 1 << Mask($1) }
    }
  }
}

// MARK: Means over orders

extension LinearGaussianChain {
  /// f(all); with `returning`, of the product there and back.
  private func sweep(returning: Bool = false, _ step: (Mask) -> DenseMatrix) -> DenseMatrix {
    sweepTable(returning: returning, step)[everything] ?? .identity(1)
  }

  /// f(S) for every S that can be what an epoch has used.
  private func sweepTable(returning: Bool = false, _ step: (Mask) -> DenseMatrix) -> [Mask: DenseMatrix] {
    var steps: [Mask: DenseMatrix] = [:]
    var table: [Mask: DenseMatrix] = [:]
    forEachSet { used, batches in
      var sum: DenseMatrix?
      for batch in batches {
        let k = steps[batch] ?? step(batch)
        steps[batch] = k
        guard let rest = table[used & ~batch] else { continue }
        sum = sum ?? DenseMatrix(zeros: k.rows, k.rows)
        sum?.add(k, times: returning ? rest * k : rest)
      }
      if used == 0, let any = subsets(of: everything, size: batchSize).first { table[0] = .identity(step(any).rows) }
      if let sum { table[used] = 1 / Double(batches.count) * sum }
    }
    return table
  }

  /// The mean over orders and over the place of the one corrected step.
  ///
  /// Carried along are U(S), the product of plain steps, and W(S), the sum of the products with one corrected step:
  /// W(S) = mean of K_t W(S - t) + K'_t U(S - t).
  private func correctedSweep(plain: (Mask) -> DenseMatrix, corrected: (Mask) -> DenseMatrix) -> DenseMatrix {
    let products = sweepTable(plain)
    var steps: [Mask: (plain: DenseMatrix, corrected: DenseMatrix)] = [:]
    var sums: [Mask: DenseMatrix] = [:]
    let size = products[0]?.rows ?? 0
    forEachSet { used, batches in
      var sum = DenseMatrix(zeros: size, size)
      for batch in batches {
        let k = steps[batch] ?? (plain(batch), corrected(batch))
        steps[batch] = k
        guard let product = products[used & ~batch], let rest = sums[used & ~batch] else { continue }
        sum.add(k.plain, times: rest)
        sum.add(k.corrected, times: product)
      }
      sums[used] = batches.isEmpty ? sum : 1 / Double(batches.count) * sum
    }
    return 1 / Double(batchesPerEpoch) * (sums[everything] ?? .identity(size))
  }

  /// Level 2lm with batches of several examples, whose partners are batches of the same epoch: all orders, one by one.
  private var sharedNoiseByListing: DenseMatrix {
    var sum = DenseMatrix(zeros: 0, 0)
    var count = 0
    func extend(_ batches: [Mask], left: Mask) {
      for batch in subsets(of: left, size: batchSize) { extend(batches + [batch], left: left & ~batch) }
      guard left == 0 else { return }
      for special in batches.indices {
        for other in batches.indices where other != special {
          let product = batches.indices.reduce(LinearStep(noise: 0, count: problem.dimension)) { before, index in
            let step =
              index == special
              ? sharedStep(batches[index], other: batches[other]) : linearStep(.sharedNoise, batches[index])
            return step.after(before)
          }.momentOperator
          sum = count == 0 ? product : sum + product
          count += 1
        }
      }
    }
    extend([], left: everything)
    return 1 / Double(count) * sum
  }

  /// Calls `body` with every set that an epoch can have used, small ones first, and the batches that can have been its last.
  private func forEachSet(_ body: (_ used: Mask, _ lastBatches: [Mask]) -> Void) {
    let all = subsets(of: everything, size: batchSize)
    let short = problem.count % batchSize
    for used in 0...everything {
      let isWhole = used.nonzeroBitCount % batchSize == 0
      if used == everything && short != 0 {
        body(used, subsets(of: everything, size: short))
      } else if isWhole {
        body(used, all.filter { $0 & used == $0 })
      }
    }
  }

  /// The subsets of a set that have a given size.
  private func subsets(of set: Mask, size: Int) -> [Mask] {
    if size == 0 { return [0] }
    return (0..<Mask(problem.count)).flatMap { bit -> [Mask] in
      guard set & (1 << bit) != 0 else { return [] }
      // The lowest element of the subset is `bit`.
      return subsets(of: set & ~((2 << bit) - 1), size: size - 1).map { $0 | 1 << bit }
    }
  }

  private func mean<Item>(over items: [Item], _ operatorOf: (Item) -> DenseMatrix) -> DenseMatrix {
    let sum = items.dropFirst().reduce(operatorOf(items[0])) { $0 + operatorOf($1) }
    return 1 / Double(items.count) * sum
  }
}
