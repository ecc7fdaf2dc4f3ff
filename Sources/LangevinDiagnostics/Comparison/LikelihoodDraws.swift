import LangevinPlatform

/// The log likelihoods of one example, draw by draw, of which only the smallest are kept.
///
/// Leaving the example out weighs a draw by e^(-b l): the large weights, which are smoothed, belong to the small l. All
/// others enter the result through three sums, so memory does not grow with the number of draws.
public struct LikelihoodDraws: Sendable, Equatable, Codable {
  private let power: Double
  /// One more than the weights that are smoothed: the next one is their cutoff.
  private let capacity: Int
  /// The smallest l, a heap with the largest of them in front.
  private var smallest: [Double] = []
  private var moments = RunningMoments()
  /// ln of the sums of e^l over all draws, and of e^(-b l) and e^((1 - b) l) over those that are not kept.
  private var likelihood = LogSum()
  private var ratios = LogSum()
  private var products = LogSum()

  /// Draws of an example, as many as are planned, under a likelihood of power b.
  ///
  /// Room is taken for the tail of draws of which at least a quarter are effective.
  public init(plannedDraws: Int, power: Double = 1) {
    self.init(tailLength: ParetoSmoothing.tailLength(draws: plannedDraws, efficiency: 0.25), power: power)
  }

  init(tailLength: Int, power: Double) {
    self.power = power
    capacity = tailLength + 1
    smallest.reserveCapacity(capacity + 1)
  }

  /// The number of draws.
  package var count: Int { moments.count }

  /// Adds the log likelihood of the example under one draw.
  ///
  /// - Throws: ``DiagnosticsError`` for what is no finite number; the draws then stay as they were.
  public mutating func add(_ logLikelihood: Double) throws(DiagnosticsError) {
    guard logLikelihood.isFinite else {
      throw .invalidEntry(
        what: "log likelihood of draw", index: count, value: logLikelihood, expected: "a finite number")
    }
    moments.add(logLikelihood)
    likelihood.add(logLikelihood)
    if smallest.count < capacity {
      smallest.append(logLikelihood)
      rise(smallest.count - 1)
    } else if logLikelihood < smallest[0] {
      forget(smallest[0])
      smallest[0] = logLikelihood
      sink()
    } else {
      forget(logLikelihood)
    }
  }

  private mutating func forget(_ logLikelihood: Double) {
    ratios.add(-power * logLikelihood)
    products.add((1 - power) * logLikelihood)
  }

  private mutating func rise(_ place: Int) {
    var place = place
    while place > 0, smallest[(place - 1) / 2] < smallest[place] {
      smallest.swapAt(place, (place - 1) / 2)
      place = (place - 1) / 2
    }
  }

  private mutating func sink() {
    var place = 0
    while true {
      var largest = place
      for child in [2 * place + 1, 2 * place + 2] where child < smallest.count && smallest[child] > smallest[largest] {
        largest = child
      }
      if largest == place { return }
      smallest.swapAt(place, largest)
      place = largest
    }
  }

  /// What the draws say, if so large a share of them is effective.
  ///
  /// Where the share asks for a longer tail than is kept, the kept one stands for it.
  ///
  /// - Throws: ``DiagnosticsError/empty(what:)`` before the first draw.
  public func pointwise(efficiency: Double = 1) throws(DiagnosticsError) -> PointwiseLikelihood {
    guard count > 0 else { throw .empty(what: "draws of a log likelihood") }
    // Ascending in l, so descending in weight.
    let kept = smallest.sorted()
    let wanted = ParetoSmoothing.tailLength(draws: count, efficiency: efficiency)
    let length = min(wanted, capacity - 1, kept.count - 1)
    func weight(_ logLikelihood: Double) -> Double { power * (kept[0] - logLikelihood) }
    let cutoff = max(weight(kept[length]), log(Double.leastNormalMagnitude))
    let tail = kept.prefix(length).filter { weight($0) > cutoff }
    let smoothing = ParetoSmoothing(tail: tail.reversed().map(weight), above: cutoff)

    var sum = LogSum()
    var product = LogSum()
    // What was forgotten is not relative to the largest weight.
    sum.add(ratios.logarithm + power * kept[0])
    product.add(products.logarithm + power * kept[0])
    for logLikelihood in kept.dropFirst(tail.count) {
      sum.add(weight(logLikelihood))
      product.add(weight(logLikelihood) + logLikelihood)
    }
    for (logLikelihood, weight) in zip(tail.reversed(), smoothing.logWeights) {
      sum.add(weight)
      product.add(weight + logLikelihood)
    }
    let variance = (moments.variance ?? 0) * Double(count - 1) / Double(count)
    return PointwiseLikelihood(
      logPredictiveDensity: likelihood.logarithm - log(Double(count)), variance: power * variance,
      leaveOneOut: product.logarithm - sum.logarithm, shape: smoothing.shape)
  }
}

/// ln of a sum of exponentials that come one at a time.
struct LogSum: Sendable, Equatable, Codable {
  /// The largest exponent, and the sum relative to it; nothing yet is a sum of 0.
  private var largest: Double?
  private var sum = 0.0

  var logarithm: Double { largest.map { $0 + log(sum) } ?? -.infinity }

  mutating func add(_ exponent: Double) {
    if exponent == -.infinity { return }
    guard let largest else {
      (self.largest, sum) = (exponent, 1)
      return
    }
    if exponent <= largest {
      sum += exp(exponent - largest)
    } else {
      (self.largest, sum) = (exponent, sum * exp(largest - exponent) + 1)
    }
  }
}
