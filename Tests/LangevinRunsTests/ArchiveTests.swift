import Langevin
import Testing
import _LangevinTestSupport

/// A state that is written, read into another one and written again is the same, bit for bit, and goes on the same.
@Suite struct ArchiveTests {
  /// In the middle of the adaptation, in the middle of a segment and of an epoch, at the end of the warm-up, after it.
  static let places = [3, 17, 40, 73]

  @Test(arguments: SamplerCatalogue.methods.map { $0.name }, places)
  func everyMethodIsRestored(_ name: String, _ steps: Int) throws {
    let method = try #require(SamplerCatalogue.methods.first { $0.name == name })
    let settings = try SettingsMatterTests.settings(method, SettingsMatterTests.bases[name]?.first ?? [:])
    let posterior = try SmallProblem.posterior(of: Double.self)
    try expectRestored(
      settings.sampler(of: Double.self), on: posterior,
      evaluator: { try SmallProblem.evaluator(posterior, method, seed: $0) },
      from: { SmallProblem.start(posterior, number: $0) }, steps: steps)
  }

  /// With small batches in an exchange's energies, in the middle of an interval.
  @Test(arguments: [3, 10, 11])
  func replicaExchangeIsRestored(_ steps: Int) throws {
    let posterior = try SmallProblem.posterior(of: Double.self)
    let ladder = [0.01, 0.013, 0.017]
    func check<Base: Exchangeable>(_ replicas: [Base]) throws where Base.Element == Double {
      try expectRestored(
        ReplicaExchange(replicas, interval: 2, energies: .minibatches(count: 3, size: 7)), on: posterior,
        evaluator: { try Evaluator(posterior, batches: .epochs(16), seed: $0, warmup: 5) },
        from: { SmallProblem.start(posterior, number: $0) }, steps: steps)
    }
    try check(ladder.map { try SGLD<Double>(stepSize: 0.05, temperature: .constant($0)) })
    try check(ladder.map { try Splitting<Double>.underdamped(stepSize: 0.1, temperature: .constant($0)) })
    try check(ladder.map { try Splitting<Double>.badodab(stepSize: 0.1, temperature: .constant($0)) })
    try check(ladder.map { try HybridMonteCarlo<Double>(temperature: $0, stepSize: 0.05, leapfrogSteps: 2) })
  }

  private func expectRestored<S: Sampler<Double>, P: Potential>(
    _ sampler: S, on potential: P, evaluator: (UInt64) throws -> Evaluator<P>, from start: (Int) -> Tensor<Double>,
    steps: Int
  ) throws where P.Element == Double {
    func write(_ state: S.State, _ evaluator: Evaluator<P>) throws -> FieldList {
      var (state, evaluator, fields) = (state, evaluator, FieldList())
      try evaluator.archive(in: &fields)
      try state.archive(in: &fields)
      return fields
    }
    var evaluator1 = try evaluator(5)
    var state1 = try sampler.start(at: start(0), with: &evaluator1)
    // Another chain of the same seed, somewhere else and further on: what is not restored is not right by chance.
    var evaluator2 = try evaluator(5)
    var state2 = try sampler.start(at: start(1), with: &evaluator2)
    for _ in 0..<steps { _ = try sampler.step(&state1, with: &evaluator1) }
    for _ in 0..<steps + 7 { _ = try sampler.step(&state2, with: &evaluator2) }

    let written = try write(state1, evaluator1)
    var reading = written
    reading.isReading = true
    try evaluator2.archive(in: &reading)
    try state2.archive(in: &reading)
    let again = try write(state2, evaluator2)
    #expect(again == written, "\(again.difference(from: written) ?? "")")

    for step in 0..<25 {
      let one = try sampler.step(&state1, with: &evaluator1)
      let two = try sampler.step(&state2, with: &evaluator2)
      #expect(sampler.draw(from: state1) == sampler.draw(from: state2), "step \(step) after the restart")
      #expect(one.isDraw == two.isDraw && one.kinetic?.sum == two.kinetic?.sum)
      #expect(one.energy.total.bitPattern == two.energy.total.bitPattern)
      #expect(one.details.map(\.value.bitPattern) == two.details.map(\.value.bitPattern))
    }
    let (end1, end2) = (try write(state1, evaluator1), try write(state2, evaluator2))
    #expect(end1 == end2, "\(end2.difference(from: end1) ?? "")")
  }
}
