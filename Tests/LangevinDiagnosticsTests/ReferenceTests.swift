import LangevinDiagnostics
import Testing

/// One column of the table of reference numbers, which ArviZ 0.23.4 computed from the same draws.
struct ReferenceCase: Sendable, CustomTestStringConvertible {
  let name: String
  let rho: Double
  let chains: Int
  let draws: Int
  var change: @Sendable (_ chain: Int, _ value: Double) -> Double = { $1 }

  let lastDraw: Double
  let mean: Double
  var rHat: Double?
  var splitRHat: Double?
  let bulk: Double
  let tail: Double
  let meanSize: Double
  let deviationSize: Double
  let medianSize: Double
  let meanError: Double
  let deviationError: Double
  let quantileError: Double

  var testDescription: String { name }

  var table: [[Double]] {
    (0..<chains).map { chain in
      autoregressive(rho, count: draws, seed: UInt64(chain + 1)).map { change(chain, $0) }
    }
  }

  static let all = [
    ReferenceCase(
      name: "A", rho: 0, chains: 4, draws: 500, lastDraw: -0.4446176191468896, mean: -0.0029681497712848175,
      rHat: 0.999942059541464, splitRHat: 0.9987380715821684, bulk: 2006.6691952306269, tail: 2011.1345004014183,
      meanSize: 1981.0427390795355, deviationSize: 2050.7871784330728, medianSize: 2023.6930429169647,
      meanError: 0.006488059383660343, deviationError: 0.002820388404576575, quantileError: 0.005459512272501632),
    ReferenceCase(
      name: "B", rho: 0.9, chains: 4, draws: 1000, lastDraw: -0.79055304862852, mean: -0.0174501289528109,
      rHat: 1.019089939849154, splitRHat: 1.0189476895081946, bulk: 205.9839934574605, tail: 366.2885271321879,
      meanSize: 205.33218918576193, deviationSize: 385.42299710467523, medianSize: 347.3660487121843,
      meanError: 0.04325854031019322, deviationError: 0.02195218634162214, quantileError: 0.06384305023277986),
    ReferenceCase(
      name: "C", rho: 0.5, chains: 4, draws: 400, change: { $1 + 0.2 * Double($0) }, lastDraw: 0.6535460563146522,
      mean: 0.2823477436505995, rHat: 1.248527728223428, splitRHat: 1.2498686654106368, bulk: 12.696967288065212,
      tail: 59.90546099839521, meanSize: 12.641021199799004, deviationSize: 392.66179528266343,
      medianSize: 20.881679334885366, meanError: 0.1120481855649409, deviationError: 0.012791261753218711,
      quantileError: 0.08201965122270649),
    ReferenceCase(
      name: "E", rho: 0.3, chains: 4, draws: 250, change: { $0 == 3 ? 3 * $1 : $1 }, lastDraw: -0.5761552006449604,
      mean: -0.018255179500193622, rHat: 1.216892317710242, splitRHat: 1.0017425668847335, bulk: 536.750350835319,
      tail: 33.60051048961584, meanSize: 508.7038812987481, deviationSize: 10.43443188274135,
      medianSize: 688.6100352825304, meanError: 0.023855759599880667, deviationError: 0.16047715574387025,
      quantileError: 0.35807269793447627),
    ReferenceCase(
      name: "G", rho: 0, chains: 1, draws: 101, lastDraw: 0.23612983532082443, mean: 0.026705297993471124,
      bulk: 89.57694077370893, tail: 80.91149273447827, meanSize: 88.10931855152731, deviationSize: 68.68708064477458,
      medianSize: 89.35083880379288, meanError: 0.031034368812806343, deviationError: 0.015761811812031585,
      quantileError: 0.02514843483953305),
  ]
}

@Suite("Reference numbers of the specification")
struct ReferenceTests {
  @Test("Every reported quantity agrees to 1e-9", arguments: ReferenceCase.all)
  func agree(reference: ReferenceCase) throws {
    let table = reference.table
    #expect(relativeError(try #require(table.first?.first), 0.0665615751722809) < 1e-12)
    #expect(relativeError(try #require(table.last?.last), reference.lastDraw) < 1e-12)

    let draws = try Draws(chains: table)
    let summary = ObservableSummary(of: draws)
    let measured = [
      ("mean", summary.mean, reference.mean),
      ("ess_bulk", summary.bulkEffectiveSampleSize, reference.bulk),
      ("ess_tail", summary.tailEffectiveSampleSize, reference.tail),
      ("ess_mean", effectiveSampleSize(of: draws, for: .mean), reference.meanSize),
      ("ess_sd", effectiveSampleSize(of: draws, for: .standardDeviation), reference.deviationSize),
      ("ess of the median", effectiveSampleSize(of: draws, for: .quantile(0.5)), reference.medianSize),
      ("mcse_mean", summary.standardError, reference.meanError),
      ("mcse_sd", monteCarloStandardError(of: draws, for: .standardDeviation), reference.deviationError),
      ("mcse_quantile", monteCarloStandardError(of: draws, for: .quantile(0.05)), reference.quantileError),
    ]
    for (name, value, expected) in measured {
      #expect(relativeError(value, expected) < 1e-9, "\(name): \(value), expected \(expected)")
    }
  }

  @Test("R-hat agrees to 1e-9, and is undefined for one chain", arguments: ReferenceCase.all)
  func scaleReductions(reference: ReferenceCase) throws {
    let draws = try Draws(chains: reference.table)
    guard let expected = reference.rHat, let expectedSplit = reference.splitRHat else {
      #expect(rHat(of: draws) == nil)
      #expect(splitRHat(of: draws) == nil)
      return
    }
    #expect(relativeError(try #require(rHat(of: draws)), expected) < 1e-9)
    #expect(relativeError(try #require(splitRHat(of: draws)), expectedSplit) < 1e-9)
  }
}
