import Langevin

/// Splittings against their reference page: moments at the end of the word, by simulation.
///
/// `effort` scales the lengths: at 1 some 10^7 steps of one well for each row.
enum LawsSplitting {
  static let copies = 4000

  /// The harmonic well at h = 0.5.
  static func harmonic(effort: Double = 1) throws -> [LawRow] {
    let table: [(scheme: UnderdampedScheme, qq: Double, pp: Double)] = [
      (.baoab, 1, 0.9375), (.aoab, 1, 1), (.baoa, 1, 1), (.aboba, 1, 1 / 0.9375), (.obabo, 1 / 0.9375, 1),
      (.oabao, 0.9375, 1), (.ubu, 0.958591465661, 1.021205555673), (.bub, 1.022100231024, 0.960030670745),
    ]
    return try table.flatMap { scheme, qq, pp in
      let found = try moments(of: scheme, on: .harmonic, stepSize: 0.5, steps: 2500 * effort)
      return [("<q^2>", found[0], qq), ("<p^2>", found[1], pp)].map { name, found, expected in
        LawRow(
          name: "harmonic, h 0.5, \(scheme.rawValue): \(name)", value: found.mean, expected: expected,
          standardError: found.error)
      }
    }
  }

  /// One row for a well that is not harmonic: means, and their standard errors.
  struct NonlinearRow {
    let scheme: UnderdampedScheme
    let h: Double
    let means: [Double]
    let errors: [Double]

    init(_ scheme: UnderdampedScheme, _ h: Double, _ means: [Double], _ errors: [Double]) {
      (self.scheme, self.h, self.means) = (scheme, h, means)
      self.errors = errors.map { $0 * 1e-5 }
    }
  }

  static let quartic = [
    NonlinearRow(.baoab, 0.2, [0.67459, 0.97922, 0.99928], [26, 42, 54]),
    NonlinearRow(.baoab, 0.3, [0.67319, 0.95380, 0.99929], [17, 36, 41]),
    NonlinearRow(.baoab, 0.4, [0.67097, 0.91887, 1.00133], [16, 35, 41]),
    NonlinearRow(.aboba, 0.2, [0.66941, 1.02083, 0.97858], [25, 45, 54]),
    NonlinearRow(.aboba, 0.3, [0.66140, 1.05109, 0.95134], [17, 41, 38]),
    NonlinearRow(.aboba, 0.4, [0.64992, 1.10632, 0.91217], [15, 48, 36]),
    NonlinearRow(.obabo, 0.2, [0.67987, 1.00043, 1.02159], [27, 53, 74]),
    NonlinearRow(.obabo, 0.3, [0.68532, 1.00114, 1.05167], [21, 35, 54]),
    NonlinearRow(.ubu, 0.2, [0.66705, 1.00724, 0.96726], [20, 39, 46]),
    NonlinearRow(.ubu, 0.3, [0.65478, 1.01648, 0.92430], [16, 38, 40]),
    NonlinearRow(.ubu, 0.4, [0.63739, 1.03377, 0.86443], [15, 38, 34]),
  ]

  static let doubleWell = [
    NonlinearRow(.baoab, 0.1, [0.83200, 0.98464, 1.08211], [22, 62, 33]),
    NonlinearRow(.baoab, 0.15, [0.83057, 0.96580, 1.08029], [14, 56, 25]),
    NonlinearRow(.baoab, 0.2, [0.82930, 0.93941, 1.07937], [14, 48, 27]),
    NonlinearRow(.aboba, 0.1, [0.82853, 1.01525, 1.07223], [22, 58, 36]),
    NonlinearRow(.aboba, 0.2, [0.81487, 1.06950, 1.03848], [16, 46, 25]),
    NonlinearRow(.obabo, 0.1, [0.83100, 1.00011, 1.08480], [22, 72, 35]),
    NonlinearRow(.obabo, 0.2, [0.82569, 1.00272, 1.09314], [14, 44, 24]),
    NonlinearRow(.ubu, 0.1, [0.82923, 1.00569, 1.07070], [19, 69, 37]),
    NonlinearRow(.ubu, 0.2, [0.81782, 1.02375, 1.03240], [13, 53, 24]),
  ]

  /// The quartic and the double well; the standard errors are those of table and simulation together.
  static func nonlinear(effort: Double = 1) throws -> [LawRow] {
    try [(WellEnsemble.Well.quartic, quartic), (.doubleWell, doubleWell)].flatMap { well, rows in
      try rows.flatMap { row in
        let found = try moments(of: row.scheme, on: well, stepSize: row.h, steps: 1000 / row.h * effort)
        return ["<q^2>", "<p^2>", "<q^4>"].enumerated().map { index, name in
          let error = found[index].error
          return LawRow(
            name: "\(well.rawValue), h \(row.h), \(row.scheme.rawValue): \(name)", value: found[index].mean,
            expected: row.means[index],
            standardError: (error * error + row.errors[index] * row.errors[index]).squareRoot())
        }
      }
    }
  }

  /// <q^2>, <p^2> and <q^4> at the end of the word, measured about twice in a unit of time.
  private static func moments(
    of scheme: UnderdampedScheme, on well: WellEnsemble.Well, stepSize: Double, steps: Double
  ) throws -> [(mean: Double, error: Double)] {
    let method = try Splitting<Double>.underdamped(scheme, stepSize: .constant(stepSize), temperature: 1)
    var evaluator = try Evaluator(WellEnsemble(well, copies: copies), seed: 31)
    var start = Tensor<Double>(Array(repeating: 0, count: copies))
    // Starts far up a quartic wall would leave at once with an explicit kick.
    RandomStream(seed: 31, purpose: .initialisation).fillNormals(&start)
    for copy in 0..<copies { start[copy] *= 0.5 }
    var state = try method.start(at: start, with: &evaluator)
    var averages = WellEnsemble.Averages(observables: 3, copies: copies)
    let stride = max(1, Int(0.5 / stepSize))
    let burnIn = Int(20 / stepSize)
    for step in 0..<burnIn + Int(steps) {
      _ = try method.step(&state, with: &evaluator)
      if step < burnIn || step % stride != 0 { continue }
      let p = try method.momentum(of: state, with: evaluator).elements
      let q = state.position.elements
      averages.add { copy in
        let square = q[copy] * q[copy]
        return [square, p[copy] * p[copy], square * square]
      }
    }
    return (0..<3).map { averages[$0] }
  }
}
