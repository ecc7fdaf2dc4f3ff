import LangevinCore

/// What is counted along a tempered chain: plain sums, so that they can be stored and take no memory that grows.
struct TemperingTally: Sendable {
  // By interval of |alpha|, over the frozen steps.
  private(set) var visits: [Double]
  private(set) var temperingKinetic: [Double]
  private(set) var energies: [Double]

  // Over all steps but where it says otherwise.
  private(set) var steps: UInt64 = 0
  private(set) var coldSteps: UInt64 = 0
  /// 2K over cold frozen steps, and their number.
  private(set) var coldKinetic = 0.0
  private(set) var coldKineticCount: UInt64 = 0

  private(set) var roundTrips: UInt64 = 0
  /// From the cold start of the first trip to the end of the last.
  private(set) var roundTripSteps: UInt64 = 0
  /// Whether the last edge reached was the hot one.
  private var isOnTheWayBack = false
  private var lastArrival: UInt64 = 0

  /// V at the nodes half way through the adaptation.
  private(set) var midwayBias: [Double]

  init(intervals: Int) {
    visits = Array(repeating: 0, count: intervals)
    temperingKinetic = visits
    energies = visits
    midwayBias = Array(repeating: 0, count: intervals + 1)
  }

  mutating func add<Element>(
    _ state: ContinuousTempering<Element>.State, _ method: ContinuousTempering<Element>, energy: Double,
    kinetic: Double, isFrozen: Bool
  ) {
    steps += 1
    let isCold = method.coupling.isCold(state.alpha)
    if isCold { coldSteps += 1 }
    if isFrozen {
      if let (k, _) = state.bias.interval(of: abs(state.alpha)) {
        visits[k] += 1
        temperingKinetic[k] += state.temperingMomentum * state.temperingMomentum
        energies[k] += energy
      }
      if isCold {
        coldKinetic += 2 * kinetic
        coldKineticCount += 1
      }
    }
    if method.coupling.isHot(state.alpha) {
      isOnTheWayBack = true
    } else if isCold && isOnTheWayBack {
      isOnTheWayBack = false
      roundTrips += 1
      roundTripSteps += steps - lastArrival
      lastArrival = steps
    }
    if state.step == state.adaptingSteps / 2 { midwayBias = state.bias.values }
  }

  mutating func archive(in archive: inout some StateArchive) throws {
    try archive.field("tally.visits", &visits)
    try archive.field("tally.tempering-kinetic", &temperingKinetic)
    try archive.field("tally.energies", &energies)
    try archive.field("tally.steps", &steps)
    try archive.field("tally.cold-steps", &coldSteps)
    try archive.field("tally.cold-kinetic", &coldKinetic)
    try archive.field("tally.cold-kinetic-count", &coldKineticCount)
    try archive.field("tally.round-trips", &roundTrips)
    try archive.field("tally.round-trip-steps", &roundTripSteps)
    try archive.field("tally.way", &isOnTheWayBack)
    try archive.field("tally.last-arrival", &lastArrival)
    try archive.field("tally.midway-bias", &midwayBias)
  }
}
