import LangevinCore
import LangevinSamplers
import Testing

/// Stationary moments of splittings on a harmonic well, exactly (1e-9) and by simulation.
@Suite struct HarmonicLawTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let word: String
    let h: Double
    let qq: Double
    let pp: Double
    var qp: Double?
    var radius: Double?
    var gamma = 1.0
    var testDescription: String { "\(word), h \(h), gamma \(gamma)" }
  }

  /// The six words whose moments do not depend on friction, by their formulas.
  static let closedForms: [Row] = [0.1, 0.25, 0.5, 1, 1.5, 1.9].flatMap { h in
    [0.1, 1, 10].flatMap { gamma in
      let shrunk = 1 - h * h / 4
      return [
        Row(word: "BAOAB", h: h, qq: 1, pp: shrunk, qp: 0, gamma: gamma),
        Row(word: "AOAB", h: h, qq: 1, pp: 1, qp: -h / 2, gamma: gamma),
        Row(word: "BAOA", h: h, qq: 1, pp: 1, qp: h / 2, gamma: gamma),
        Row(word: "ABOBA", h: h, qq: 1, pp: 1 / shrunk, qp: 0, gamma: gamma),
        Row(word: "OBABO", h: h, qq: 1 / shrunk, pp: 1, qp: 0, gamma: gamma),
        Row(word: "OABAO", h: h, qq: shrunk, pp: 1, qp: 0, gamma: gamma),
      ]
    }
  }

  static let tabulated = [
    Row(word: "UBU", h: 0.1, qq: 0.998333716484, pp: 1.000833890429, qp: 0.000417587751, radius: 0.951229424501),
    Row(word: "UBU", h: 0.25, qq: 0.989598549432, pp: 1.005230413811, qp: 0.002640343139, radius: 0.882496902585),
    Row(word: "UBU", h: 0.5, qq: 0.958591465661, pp: 1.021205555673, qp: 0.011007341413, radius: 0.778800783071),
    Row(word: "UBU", h: 1.0, qq: 0.838535665508, pp: 1.090716228870, qp: 0.052060370602, radius: 0.606530659713),
    Row(word: "UBU", h: 1.5, qq: 0.664414319699, pp: 1.243268892402, qp: 0.159629949853, radius: 0.472366552741),
    Row(word: "UBU", h: 1.9, qq: 0.575333285117, pp: 1.555847342855, qp: 0.406225636154, radius: 0.386741023455),
    Row(word: "BUB", h: 0.1, qq: 1.000835280941, pp: 0.998335975154, radius: 0.951229424501),
    Row(word: "BUB", h: 0.25, qq: 1.005285067803, pp: 0.989687138138, radius: 0.882496902585),
    Row(word: "BUB", h: 0.5, qq: 1.022100231024, pp: 0.960030670745, radius: 0.778800783071),
    Row(word: "BUB", h: 1.0, qq: 1.106609820451, pp: 0.863330000920, radius: 0.606530659713),
    Row(word: "BUB", h: 1.5, qq: 1.345324969770, pp: 0.815522786081, radius: 0.472366552741),
    Row(word: "BUB", h: 1.9, qq: 1.956105089679, pp: 1.134352146524, radius: 0.386741023455),
    Row(word: "UBU", h: 0.5, qq: 0.958335937268, pp: 1.022211731758, gamma: 0.1),
    Row(word: "UBU", h: 1, qq: 0.833388849800, pp: 1.110876890090, gamma: 0.1),
    Row(word: "UBU", h: 0.5, qq: 0.973204138237, pp: 1.001059731587, gamma: 10),
    Row(word: "UBU", h: 1, qq: 0.943392426630, pp: 1.000038235677, gamma: 10),
    Row(word: "H", h: 0.1, qq: 1.002638522427, pp: 1.055408970976, qp: 0.052770448549),
    Row(word: "H", h: 0.25, qq: 1.018181818182, pp: 1.163636363636, qp: 0.145454545455),
    Row(word: "H", h: 0.5, qq: 1.090909090909, pp: 1.454545454545, qp: 0.363636363636),
    Row(word: "H", h: 1, qq: 2, pp: 4, qp: 2),
  ]

  @Test(arguments: closedForms + tabulated)
  func momentsAtTheEndOfTheWordAreExact(row: Row) throws {
    let method = try splitting(row.word, stepSize: row.h, friction: row.gamma)
    let exact = try moments(of: method, on: HarmonicPotential(stiffness: [1]))
    let tolerance = 1e-9
    #expect(abs(exact.covariance[0][0] - row.qq) < tolerance * row.qq)
    #expect(abs(exact.covariance[1][1] - row.pp) < tolerance * row.pp)
    if let qp = row.qp { #expect(abs(exact.covariance[0][1] - qp) < tolerance) }
    if let radius = row.radius { #expect(abs(exact.spectralRadius - radius) < tolerance) }
  }

  @Test(arguments: [
    (0.1, 0.951229424501), (0.25, 0.882496902585), (0.5, 0.778800783071), (1.0, 0.606530659713),
    (1.5, 0.472366552741), (1.9, 0.716716994487),
  ])
  func conjugateWordsHaveOneSpectrum(h: Double, radius: Double) throws {
    for word in ["BAOAB", "AOAB", "BAOA", "ABOBA", "OBABO", "OABAO"] {
      let exact = try moments(of: splitting(word, stepSize: h), on: HarmonicPotential(stiffness: [1]))
      #expect(abs(exact.spectralRadius - radius) < 1e-9, "\(word)")
    }
  }

  /// k 4, m 2, T 0.5, gamma 0.7, h 0.3.
  @Test(arguments: [
    Row(word: "BAOAB", h: 0.3, qq: 0.125, pp: 0.955), Row(word: "OBABO", h: 0.3, qq: 0.130890052356, pp: 1),
    Row(word: "ABOBA", h: 0.3, qq: 0.125, pp: 1.047120418848), Row(word: "AOAB", h: 0.3, qq: 0.125, pp: 1, qp: -0.075),
    Row(word: "UBU", h: 0.3, qq: 0.121254027559, pp: 1.015577818677, qp: 0.001372207793),
  ])
  func momentsScaleWithStiffnessMassAndTemperature(row: Row) throws {
    let method = try splitting(row.word, stepSize: row.h, temperature: 0.5, friction: 0.7, mass: 2)
    let exact = try moments(of: method, on: HarmonicPotential(stiffness: [4]))
    #expect(abs(exact.covariance[0][0] - row.qq) < 1e-9)
    #expect(abs(exact.covariance[1][1] - row.pp) < 1e-9)
    if let qp = row.qp { #expect(abs(exact.covariance[0][1] - qp) < 1e-9) }
  }

  @Test(arguments: [(0.1, 1.052631578947), (0.5, 1.333333333333), (1.5, 4.0)])
  func overdampedVarianceIsExact(h: Double, variance: Double) throws {
    let well = try HarmonicPotential<Double>(stiffness: [1])
    let euler = try moments(of: splitting("X", stepSize: h), on: well)
    #expect(abs(euler.covariance[0][0] - variance) < 1e-9)
    // Y has its last normal where p would be.
    let averaged = try moments(of: splitting("Y", stepSize: h), on: well)
    #expect(abs(averaged.covariance[0][0] - 1) < 1e-9)
  }

  struct NoisyRow: Sendable, CustomTestStringConvertible {
    let word: String
    let h: Double
    let s: Double
    let qq: Double
    let pp: Double
    var testDescription: String { "\(word), h \(h), s \(s)" }
  }

  static let noisy = [
    NoisyRow(word: "BAOA", h: 0.1, s: 1, qq: 1.050167077417, pp: 1.045279755049),
    NoisyRow(word: "BAOA", h: 0.25, s: 1, qq: 1.127644814736, pp: 1.097872640161),
    NoisyRow(word: "BAOA", h: 0.5, s: 1, qq: 1.272199211005, pp: 1.155193788498),
    NoisyRow(word: "BAOA", h: 0.25, s: 3, qq: 2.148803332625, pp: 1.880853761450),
    NoisyRow(word: "UBU", h: 0.1, s: 1, qq: 1.048333794707, pp: 1.050875654476),
    NoisyRow(word: "UBU", h: 0.25, s: 1, qq: 1.114606239145, pp: 1.130891047286),
    NoisyRow(word: "UBU", h: 0.25, s: 3, qq: 2.114667756849, pp: 2.136176115089),
    // One step from a fresh start evaluates the gradient twice: two independent half kicks.
    NoisyRow(word: "OBABO", h: 0.25, s: 1, qq: 1.080682351827, pp: 1.061853674427),
  ]

  @Test(arguments: noisy)
  func gradientNoiseHeatsExactlySoMuch(row: NoisyRow) throws {
    let method = try splitting(row.word, stepSize: row.h)
    let well = try HarmonicPotential<Double>(stiffness: [1])
    let exact = try ExactMoments(normals: 8, forces: 2, noise: row.s) { start, normals, forces in
      let potential = ForcedPotential<Double>(base: well, force: .list(forces))
      let found = try oneStep(of: method, on: potential, from: start, normals: normals)
      return [found.q, found.p]
    }
    #expect(abs(exact.covariance[0][0] - row.qq) < 1e-9)
    #expect(abs(exact.covariance[1][1] - row.pp) < 1e-9)
  }

  /// SGHMC leaves out of its noise what the gradient brings along: the moments are those of exact gradients.
  @Test(arguments: [
    (0.25, 1.018181818182, 1.163636363636, 0.145454545455), (0.5, 1.090909090909, 1.454545454545, 0.363636363636),
  ])
  func knownNoiseIsLeftOut(h: Double, qq: Double, pp: Double, qp: Double) throws {
    let s = 1.5
    let method = try Splitting<Double>.sghmc(stepSize: .constant(h), temperature: 1, knownNoise: h * s * s / 2)
    let well = try HarmonicPotential<Double>(stiffness: [1])
    let exact = try ExactMoments(normals: 8, forces: 1, noise: s) { start, normals, forces in
      let potential = ForcedPotential<Double>(base: well, force: .list(forces))
      let found = try oneStep(of: method, on: potential, from: start, normals: normals)
      return [found.q, found.p]
    }
    #expect(abs(exact.covariance[0][0] - qq) < 1e-9)
    #expect(abs(exact.covariance[1][1] - pp) < 1e-9)
    #expect(abs(exact.covariance[0][1] - qp) < 1e-9)
  }

  /// The kinetic temperature of records and of layers is the one of the table, at the end of the word: the mean over 500 wells
  /// and 1200 steps of size 1, where what is stored on the way has 1, 1.33, 1.03 or 0.98 of it.
  @Test(arguments: [
    ("BAOAB", 0.75), ("AOAB", 1.0), ("OBABO", 1.0), ("OABAO", 1.0), ("ABOBA", 4 / 3.0), ("BUB", 0.863330000920),
    ("UBU", 1.090716228870),
  ])
  func theKineticTemperatureIsTheOneAtTheEndOfTheWord(word: String, temperature: Double) throws {
    let count = 500
    let method = try splitting(word, stepSize: 1)
    var evaluator = try Evaluator(HarmonicPotential<Double>(stiffness: Array(repeating: 1, count: count)), seed: 12)
    var state = try method.start(at: Tensor(zeros: count), with: &evaluator)
    var (records, layers) = (BlockMean(total: 1200), BlockMean(total: 1200))
    for step in 0..<1250 {
      let record = try method.step(&state, with: &evaluator)
      if step < 50 { continue }
      records.add(try #require(record.kineticTemperature))
      layers.add(try #require(state.kinetic(over: [0..<200, 200..<count])) / Double(count))
    }
    #expect(abs(records.z(from: temperature)) < 4.9 && records.standardError < 0.005, "\(word): \(records.mean)")
    #expect(abs(layers.mean - records.mean) < 1e-12)
  }

  /// The same exactly: the momenta at the end of the word squared, in the mean over the normals that are still to be drawn,
  /// which two opposite normals of size 1 are enough for, with masses of every kind.
  @Test(arguments: ["BAOAB", "OBABO", "OABAO", "BUB", "ABOBA", "BOAOB"])
  func theKineticEnergyIsThatOfTheMomenta(word: String) throws {
    let well = try HarmonicPotential<Double>(stiffness: [1, 4, 9, 2])
    let masses = Tensor([0.5, 1, 2, 3.0])
    let method = try Splitting<Double>(
      word, stepSize: .geometric(start: 0.4, end: 0.1, steps: 10),
      partitions: [
        PartitionDynamics(
          "a", parameters: .ranges([0..<2]), word: try SplittingWord(word), temperature: 1.5, friction: 2,
          mass: .perParameter(masses)),
        PartitionDynamics("b", word: try SplittingWord(word), temperature: 1.5, mass: .scalar(3)),
      ])
    var evaluator = try Evaluator(well, seed: 3)
    var state = try method.start(at: Tensor([1, 2, 3, -1]), with: &evaluator)
    var record = try method.step(&state, with: &evaluator)
    for _ in 0..<4 { record = try method.step(&state, with: &evaluator) }
    let energies = try [1.0, -1].map { normal in
      evaluator.noise = .list(Array(repeating: normal, count: 4))
      let p = try method.momentum(of: state, with: evaluator)
      return p[0] * p[0] / 0.5 + p[1] * p[1] + (p[2] * p[2] + p[3] * p[3]) / 3
    }
    let found = try #require(record.kinetic)
    #expect(found.count == 4 && abs(found.sum - (energies[0] + energies[1]) / 2) < 1e-12)
    #expect(abs(try #require(state.kinetic(over: [0..<1, 1..<4])) - found.sum) < 1e-12)
    // A layer that lies in both partitions, and one that is part of a partition.
    let parts = try [0..<1, 1..<3, 3..<4].map { try #require(state.kinetic(over: [$0])) }
    #expect(abs(parts.reduce(0, +) - found.sum) < 1e-12)
  }

  private func moments(of method: Splitting<Double>, on potential: HarmonicPotential<Double>) throws -> ExactMoments {
    try ExactMoments(normals: 8) { start, normals, _ in
      let found = try oneStep(of: method, on: potential, from: start, normals: normals)
      return [found.q, found.p]
    }
  }
}

extension HarmonicLawTests {
  /// The engine's own noise gives the same law: 500 wells at once, h 0.5, in single precision.
  @Test(arguments: [
    ("BAOAB", 1.0), ("ABOBA", 1.0), ("OBABO", 1.066666666667), ("OABAO", 0.9375), ("UBU", 0.958591465661),
    ("BUB", 1.022100231024), ("H", 1.090909090909), ("X", 1.333333333333), ("Y", 1.0),
  ])
  func simulatedVarianceIsThatOfTheLaw(word: String, variance: Double) throws {
    let count = 500
    let method = try Splitting<Float>(
      word, stepSize: 0.5, partitions: [PartitionDynamics(word: try SplittingWord(word), temperature: 1)])
    var evaluator = try Evaluator(
      HarmonicPotential<Float>(stiffness: Array(repeating: 1, count: count)), seed: 11)
    var state = try method.start(at: Tensor(zeros: count), with: &evaluator)
    // Wells are independent, so their averages over time have the spread that the mean's standard error needs.
    var sums = Array(repeating: 0.0, count: count)
    let steps = 1200
    for step in 0..<steps + 50 {
      _ = try method.step(&state, with: &evaluator)
      if step < 50 { continue }
      for index in 0..<count { sums[index] += Double(state.position[index] * state.position[index]) / Double(steps) }
    }
    let mean = sums.reduce(0, +) / Double(count)
    let spread = sums.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count - 1)
    let z = (mean - variance) / (spread / Double(count)).squareRoot()
    #expect(abs(z) < 4.9, "<q^2> = \(mean), expected \(variance), z \(z)")
  }
}
