import LangevinCore

/// Replica exchange: one chain at each temperature of a ladder, which now and then exchange their points.
///
/// Points at neighbouring temperatures T_i < T_j change places with probability
///
///     min(1, exp((1/T_i - 1/T_j) (U_i - U_j)))
///
/// which leaves the product of the laws exp(-U/T_i) as it is. The hot chains cross barriers and hand down what they find; the
/// draws are those of the coldest. It is as exact as the method that it runs. Neighbours exchange often enough when
/// their temperatures differ by a factor of about 1 + 2/sqrt(d) for d thermal degrees of freedom.
///
/// With energies from minibatches the difference is noisy, and the plain rule would prefer lucky batches. The penalty method
/// (D. M. Ceperley and M. Dewing, J. Chem. Phys. 110, 9812, 1999) accepts with exp(delta - c^2/2 - ...) instead, where c^2 is
/// the variance of delta as n batches show it: right on average while c^2 stays below about 1.
///
/// Robert Swendsen and Jian-Sheng Wang, Phys. Rev. Lett. 57, 2607 (1986).
public struct ReplicaExchange<Base: Exchangeable>: Sampler {
  /// Where the energies of an exchange come from.
  public enum Energies: Hashable, Sendable {
    /// All of the data: exact.
    case allData
    /// `count` random subsets of `size` examples, the same for both points, with the penalty for their noise.
    case minibatches(count: Int, size: Int)
  }

  /// The same method at each temperature, the coldest first.
  package let replicas: [Base]
  /// Their temperatures.
  package let temperatures: [Double]
  /// Steps between exchanges; an exchange waits for a step after which all replicas may be read.
  package let interval: UInt64
  /// Where the energies of an exchange come from.
  package let energies: Energies

  /// A ladder from methods whose laws are Gibbs laws at rising temperatures.
  public init(_ replicas: [Base], interval: UInt64 = 100, energies: Energies = .allData) throws(SamplingError) {
    guard replicas.count >= 2 else {
      throw .setting("the ladder", in: "", found: "\(replicas.count) temperatures", expected: "at least 2")
    }
    var temperatures: [Double] = []
    for replica in replicas {
      guard case .gibbs(let temperature) = replica.law, temperature > (temperatures.last ?? 0) else {
        throw .setting(
          "the ladder", in: "replica \(temperatures.count + 1)", found: "the law \(replica.law)",
          expected: "a Gibbs law at a temperature above \(temperatures.last ?? 0)")
      }
      temperatures.append(temperature)
      try replica.checkExchange()
    }
    try check(interval >= 1, "the interval of exchanges", is: Double(interval), expected: "1 or more")
    if case .minibatches(let count, let size) = energies {
      try check(count >= 2, "the number of minibatches", is: Double(count), expected: "2 or more, to see their spread")
      try check(size >= 1, "the size of the minibatches", is: Double(size), expected: "1 or more")
    }
    self.replicas = replicas
    self.temperatures = temperatures
    self.interval = interval
    self.energies = energies
  }

  /// `replica-exchange-` and the method.
  public var name: String { "replica-exchange-" + replicas[0].name }
  /// That of the coldest replica.
  public var law: StationaryLaw { replicas[0].law }
  /// Those of the method.
  public func warnings(for layout: ParameterLayout) -> [String] { replicas[0].warnings(for: layout) }
  /// That of the coldest replica.
  public func draw(from state: State) -> Tensor<Base.Element> { replicas[0].draw(from: state.replicas[0]) }
}

// MARK: State

extension ReplicaExchange {
  /// All replicas, and how they have travelled.
  public struct State: SamplerState {
    /// The states, the coldest first.
    package internal(set) var replicas: [Base.State]
    /// The number of steps done.
    public internal(set) var step: UInt64 = 0
    /// The exchanges between each replica and the next hotter one.
    package internal(set) var record: ExchangeRecord
    /// The mean variance of an exponent, where energies come from minibatches: below 1, or few exchanges are accepted.
    package var penaltyVariance: Double { penaltySum / max(1, record.tried.reduce(0, +)) }

    var stepsSinceExchange: UInt64 = 0
    var penaltySum = 0.0

    // The replicas' own randomness, memory for exchanges, and their minibatches.
    var streams: [Streams]
    var energies: [Double]
    var gradient: Tensor<Base.Element>
    var swapBatches: BatchStream

    /// What tells a replica from the others.
    struct Streams: Sendable {
      var chain: Int
      var batches: BatchStream
      var noise: NoiseSource
    }

    /// The coldest position.
    public var position: Tensor<Base.Element> { replicas[0].position }

    /// Every replica with its place in its minibatches, and the record of the exchanges.
    public mutating func archive(in archive: inout some StateArchive) throws {
      for index in replicas.indices {
        try archive.nested("replica\(index)") { archive in
          try replicas[index].archive(in: &archive)
          var place = streams[index].batches.step
          try archive.field("batches.step", &place)
          if place != streams[index].batches.step { streams[index].batches.seek(to: place) }
        }
      }
      try archive.field("step", &step)
      try archive.field("steps-since-exchange", &stepsSinceExchange)
      try archive.field("penalty-sum", &penaltySum)
      try archive.nested("exchanges") { archive in try record.archive(in: &archive) }
      var place = swapBatches.step
      try archive.field("swap-batches.step", &place)
      if place != swapBatches.step { swapBatches.seek(to: place) }
    }
  }

  /// All replicas start at `position`, each with streams of its own.
  public func start<P: Potential>(
    at position: Tensor<Base.Element>, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> State where P.Element == Base.Element {
    let count = replicas.count
    var states: [Base.State] = []
    var streams: [State.Streams] = []
    for (index, replica) in replicas.enumerated() {
      let chain = evaluator.chain * count + index
      var own = try streamsOfReplica(chain, evaluator)
      states.append(
        try evaluator.with(&own) { evaluator throws(SamplingError) in try replica.start(at: position, with: &evaluator)
        })
      streams.append(own)
    }
    return State(
      replicas: states, record: ExchangeRecord(rungs: count), streams: streams,
      energies: Array(repeating: 0, count: count),
      gradient: Tensor(zeros: position.count), swapBatches: try batchesOfExchanges(evaluator))
  }

  private func streamsOfReplica<P: Potential>(
    _ chain: Int, _ evaluator: Evaluator<P>
  ) throws(SamplingError) -> State.Streams {
    do throws(LangevinError) {
      return State.Streams(
        chain: chain,
        batches: try BatchStream(
          evaluator.batches.scheme, exampleCount: evaluator.potential.exampleCount, seed: evaluator.seed, chain: chain),
        noise: .stream(RandomStream(seed: evaluator.seed, chain: chain, purpose: .noise)))
    } catch {
      throw .evaluation(error, step: 0)
    }
  }

  private func batchesOfExchanges<P: Potential>(_ evaluator: Evaluator<P>) throws(SamplingError) -> BatchStream {
    let scheme: BatchScheme = if case .minibatches(_, let size) = energies { .subset(size) } else { .all }
    do throws(LangevinError) {
      return try BatchStream(
        scheme, exampleCount: evaluator.potential.exampleCount, seed: evaluator.stream(.exchange).key)
    } catch {
      throw .evaluation(error, step: 0)
    }
  }
}

// MARK: Step

extension ReplicaExchange {
  /// One step of every replica, and an exchange when it is due. The record is that of the coldest.
  public func step<P: Potential>(
    _ state: inout State, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> StepRecord where P.Element == Base.Element {
    var coldest: StepRecord?
    var canExchange = true
    for index in replicas.indices {
      let record = try stepReplica(index, &state, &evaluator)
      canExchange = canExchange && record.isDraw
      coldest = coldest ?? record
    }
    state.step += 1
    state.stepsSinceExchange += 1
    if canExchange && state.stepsSinceExchange >= interval {
      try exchange(&state, &evaluator)
      state.stepsSinceExchange = 0
    }
    guard let coldest else { preconditionFailure("a ladder has at least two replicas") }
    return coldest
  }

  private func stepReplica<P: Potential>(
    _ index: Int, _ state: inout State, _ evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> StepRecord where P.Element == Base.Element {
    evaluator.exchangeStreams(&state.streams[index])
    defer { evaluator.exchangeStreams(&state.streams[index]) }
    return try replicas[index].step(&state.replicas[index], with: &evaluator)
  }

  /// Tries the even or the odd pairs.
  private func exchange<P: Potential>(
    _ state: inout State, _ evaluator: inout Evaluator<P>
  ) throws(SamplingError) where P.Element == Base.Element {
    let random = evaluator.stream(.exchange)
    if energies == .allData {
      for index in replicas.indices { state.energies[index] = try energy(index, .all, &state, &evaluator) }
    }
    for cold in state.record.pairs {
      let gap = 1 / temperatures[cold] - 1 / temperatures[cold + 1]
      let exponent: Double
      switch energies {
      case .allData: exponent = gap * (state.energies[cold] - state.energies[cold + 1])
      case .minibatches(let count, _): exponent = try penalised(cold, gap, count, &state, &evaluator)
      }
      if state.record.accepts(cold, exponent: exponent, random: random) {
        state.exchangePoints(cold, by: replicas[cold])
      }
    }
    state.record.finishSweep()
  }

  private func energy<P: Potential>(
    _ index: Int, _ batch: Minibatch, _ state: inout State, _ evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> Double where P.Element == Base.Element {
    let point = replicas[index].draw(from: state.replicas[index])
    return try evaluator.gradient(
      on: .rows(batch), at: point, into: &state.gradient, step: state.step, checked: false
    ).total
  }

  /// The mean exponent over minibatches, less the penalty for its variance c^2 as estimated from n of them:
  /// c^2/2 + c^4/(4 (n + 1)) + c^6/(3 (n + 1) (n + 3)).
  private func penalised<P: Potential>(
    _ cold: Int, _ gap: Double, _ count: Int, _ state: inout State, _ evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> Double where P.Element == Base.Element {
    var (mean, square) = (0.0, 0.0)
    for number in 1...count {
      state.swapBatches.advance()
      let batch = state.swapBatches.current
      let difference =
        gap * (try energy(cold, batch, &state, &evaluator) - energy(cold + 1, batch, &state, &evaluator))
      let step = difference - mean
      mean += step / Double(number)
      square += step * (difference - mean)
    }
    let n = Double(count)
    let variance = square / ((n - 1) * n)
    state.penaltySum += variance
    return mean - variance / 2 - variance * variance / (4 * (n + 1))
      - variance * variance * variance / (3 * (n + 1) * (n + 3))
  }
}

extension ReplicaExchange.State {
  fileprivate mutating func exchangePoints(_ cold: Int, by method: Base) {
    replicas.withUnsafeMutableBufferPointer { states in
      let lower = states.extracting(..<(cold + 1))
      let upper = states.extracting((cold + 1)...)
      method.exchangePoints(&lower[cold], &upper[0])
    }
  }
}

extension Evaluator {
  /// Puts a replica's streams in the place of the evaluator's own; a second call puts them back.
  fileprivate mutating func exchangeStreams<Base>(_ streams: inout ReplicaExchange<Base>.State.Streams) {
    swap(&chain, &streams.chain)
    swap(&batches, &streams.batches)
    swap(&noise, &streams.noise)
  }

  fileprivate mutating func with<Base, Value>(
    _ streams: inout ReplicaExchange<Base>.State.Streams,
    _ body: (inout Evaluator) throws(SamplingError) -> Value
  ) throws(SamplingError) -> Value {
    exchangeStreams(&streams)
    defer { exchangeStreams(&streams) }
    return try body(&self)
  }
}
