import LangevinCore

/// The exchanges between neighbouring rungs of a ladder: which pairs are tried, how often they accept, and how the walkers,
/// the points that are handed on, have travelled.
///
/// Even pairs (0, 1), (2, 3), ... and odd pairs (1, 2), (3, 4), ... are tried in turn. So a walker that was accepted goes on in its
/// direction: it drifts where random pairs would let it diffuse (Syed, Bouchard-Côté, Deligiannidis and Doucet, arXiv 1905.02939).
package struct ExchangeRecord: Sendable {
  /// Sweeps so far, each over the even or the odd pairs: which pairs a sweep tries, and its random numbers, follow from it.
  package private(set) var sweep: UInt64 = 0
  /// Sweeps, attempts, acceptances and sums of acceptance probabilities since the counts began anew; a pair is a rung and
  /// the next hotter one.
  package private(set) var countedSweeps: UInt64 = 0
  /// Attempts of each pair.
  package private(set) var tried: [Double]
  /// The accepted ones.
  package private(set) var accepted: [Double]
  private var probabilities: [Double]
  /// Journeys from the hottest rung to the coldest by walkers that had come from there: full round trips.
  package private(set) var roundTrips: UInt64 = 0
  /// Which walker is on each rung, the coldest first.
  package private(set) var walkers: [Int]
  /// The walkers that have been hottest since they were coldest.
  private var hasBeenHot: [Bool]

  /// A ladder of so many rungs before its first exchange.
  package init(rungs: Int) {
    tried = Array(repeating: 0, count: rungs - 1)
    accepted = tried
    probabilities = tried
    walkers = Array(0..<rungs)
    hasBeenHot = Array(repeating: false, count: rungs)
  }

  /// The colder rungs of the pairs that the next sweep tries.
  package var pairs: StrideTo<Int> { stride(from: Int(sweep % 2), to: tried.count, by: 2) }

  /// Whether a pair exchanges whose acceptance probability is min(1, exp(exponent)).
  package mutating func accepts(_ pair: Int, exponent: Double, random: RandomStream) -> Bool {
    tried[pair] += 1
    probabilities[pair] += min(1, Math.exp(exponent))
    guard Math.log(random.uniform(step: sweep, element: pair)) < exponent else { return false }
    accepted[pair] += 1
    walkers.swapAt(pair, pair + 1)
    return true
  }

  /// All pairs of a sweep are done.
  package mutating func finishSweep() {
    hasBeenHot[walkers[walkers.count - 1]] = true
    if hasBeenHot[walkers[0]] {
      roundTrips += 1
      hasBeenHot[walkers[0]] = false
    }
    sweep += 1
    countedSweeps += 1
  }

  /// Begins to count anew; walkers stay where they are.
  package mutating func restartCounts() {
    tried = tried.map { _ in 0 }
    (accepted, probabilities, countedSweeps, roundTrips) = (tried, tried, 0, 0)
  }

  /// The mean acceptance probability of each pair, which has less noise than the share of accepted attempts; nil before the
  /// first one.
  package var acceptance: [Double?] { zip(probabilities, tried).map { $1 > 0 ? $0 / $1 : nil } }

  /// Stores or restores all of it.
  package mutating func archive(in archive: inout some StateArchive) throws {
    try archive.field("sweep", &sweep)
    try archive.field("counted-sweeps", &countedSweeps)
    try archive.field("tried", &tried)
    try archive.field("accepted", &accepted)
    try archive.field("probabilities", &probabilities)
    try archive.field("round-trips", &roundTrips)
    try archive.field("walkers", &walkers)
    for index in hasBeenHot.indices { try archive.field("has-been-hot.\(index)", &hasBeenHot[index]) }
  }
}
