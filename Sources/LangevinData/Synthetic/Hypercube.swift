import LangevinCore

/// A Walsh function, the product of some coordinates of x in {-1,+1}^d, with a coefficient.
package struct WalshTerm: Hashable, Sendable {
  /// The factor in front.
  package var coefficient: Double
  /// The coordinates that are multiplied, each once; of none, the product is 1.
  package var coordinates: [Int]

  /// A term from its parts.
  package init(_ coefficient: Double, _ coordinates: [Int]) {
    self.coefficient = coefficient
    self.coordinates = coordinates
  }

  /// Its value at x.
  package func value(at x: some RandomAccessCollection<Double>) -> Double {
    coordinates.reduce(coefficient) { $0 * x[x.index(x.startIndex, offsetBy: $1)] }
  }
}

/// Where points of the hypercube {-1,+1}^d come from.
package enum HypercubePoints: String, CaseIterable, Sendable {
  /// Each coordinate a fair coin.
  case random
  /// The corners without repeats and without random numbers: row i of training, test and validation set in succession
  /// is the corner r = 397 i mod 2^d, whose coordinate j is +1 where bit j of r is 0.
  case cube
}

extension SyntheticSet {
  /// Points of the hypercube with a sum of Walsh functions as target, its sign flipped with some probability.
  func hypercubeRows(
    of part: DatasetPart, dimension: Int, terms: [WalshTerm], flipProbability: Double, points: HypercubePoints
  ) throws(LangevinError) -> SyntheticRows {
    let first: Int
    switch part {
    case .train: first = 0
    case .test: first = train
    case .validation: first = train + test
    }
    if points == .cube {
      try require(dimension <= 30, "'dimension' of all corners of the cube", is: dimension, expected: "30 or less")
      try require(
        train + test + validation <= 1 << dimension, "the number of rows", is: train + test + validation,
        expected: "at most the \(1 << dimension) corners")
    }
    return SyntheticRows(inputWidth: dimension, targets: .values(1)) { row in
      switch points {
      case .random: for j in 0..<dimension { row.inputs[j] = row.random.sign() }
      case .cube:
        let corner = 397 * (first + row.index) & ((1 << dimension) - 1)
        for j in 0..<dimension { row.inputs[j] = corner >> j & 1 == 0 ? 1 : -1 }
      }
      let inputs = row.inputs
      let value = terms.reduce(0) { $0 + $1.value(at: inputs) }
      row.targets[0] = row.random.happens(flipProbability) ? -value : value
    }
  }
}
