import LangevinCore
import LangevinSamplers

/// Replica exchange as part of a run: the temperatures, and how often neighbours try to exchange.
struct LadderPlan: Sendable {
  let ladder: TemperatureLadder
  /// Steps from one sweep of exchanges to the next, at least.
  let interval: UInt64

  /// Throws unless the ranks can share the rungs.
  func check(suits ranks: Ranks) throws {
    if ranks.count > ladder.count {
      throw SettingError(
        "\(ranks.count) ranks and \(ladder.count) rungs of the ladder; expected no more ranks than rungs")
    }
    if ranks.count > 1 && !ranks.canTalk {
      throw RanksError(
        "\(ranks.count) ranks were started and no MPI library was found, without which the rungs of a ladder cannot exchange: "
          + "name one with LANGEVIN_MPI=PATH, or start one process")
    }
  }

  /// Throws unless a sampler can run on a ladder.
  func check(suits sampler: some Sampler) throws {
    guard let law = sampler.law.temperature, let method = sampler as? any Exchangeable else {
      throw SettingError(
        "the sampler \(sampler.name) cannot run on a ladder of temperatures: "
          + (sampler.law.temperature == nil ? "its draws follow no law at a temperature" : "it cannot exchange points")
          + "; hmc, nuts, mala, mams, mclmc, baoab, lm, sgld, sgworld and pl can")
    }
    guard law == ladder.cold else {
      throw SettingError(
        "the temperature is \(law) and the coldest of the ladder is \(ladder.cold); expected the same, or the ladder alone"
      )
    }
    do {
      try method.checkExchange()
    } catch {
      throw SettingError("\(error)")
    }
  }
}

/// The chain of that number, or its ladder.
func makeChain<S: Sampler, P: Potential>(
  _ potential: P, sampler: S, number: Int, pool: ThreadPool, options: ChainOptions<P>,
  startingAt position: Tensor<P.Element>
) throws -> any AnyChain where S.Element == P.Element {
  guard let plan = options.ladder, let method = sampler as? any Exchangeable<P.Element> else {
    return try Chain(
      potential, sampler: sampler, number: number, pool: pool, options: options, startingAt: position)
  }
  func make<E: Exchangeable<P.Element>>(_ method: E) throws -> any AnyChain {
    try LadderChain(
      potential, sampler: method, number: number, pool: pool, options: options, plan: plan, startingAt: position)
  }
  return try make(method)
}
