import LangevinCore
import LangevinSamplers

/// What steps were like on average.
package struct StepSummary: Sendable {
  /// Mean energy of the minibatches.
  package let energy: Double
  /// Mean of sum p^2/m over the number of momenta; nil without momenta.
  package let kineticTemperature: Double?
  /// Share of accepted steps; nil where none is ever rejected.
  package let acceptance: Double?
}

/// Sums over the steps since the last row.
struct StepInterval {
  private var steps = 0.0
  private var cost = 0.0
  private var prior = 0.0
  private var kinetic = 0.0
  private var kineticSteps = 0.0
  private var accepted = 0.0
  private var decided = 0.0
  private(set) var details: [(name: String, value: Double)] = []
  private(set) var warnings: [String] = []
  private(set) var isDraw = false
  /// That of the last step.
  private(set) var kineticEnergy: Double?

  init() {}

  /// The next interval: sums start anew, what was last is still what was last. Warnings wait for a row that is kept.
  init(after last: StepInterval) {
    details = last.details
    isDraw = last.isDraw
    if !isDraw { warnings = last.warnings }
  }

  mutating func add(_ record: StepRecord) {
    steps += 1
    cost += record.energy.cost
    prior += record.energy.prior
    kineticEnergy = record.kinetic.map { $0.sum / 2 }
    if let temperature = record.kineticTemperature {
      kinetic += temperature
      kineticSteps += 1
    }
    if let isAccepted = record.accepted {
      accepted += isAccepted ? 1 : 0
      decided += 1
    }
    for detail in record.details { set(detail) }
    if !record.warnings.isEmpty { warnings += record.warnings }
    isDraw = record.isDraw
  }

  /// The latest value of each name; a sampler may give some of them at some steps only.
  private mutating func set(_ detail: (name: String, value: Double)) {
    if let index = details.firstIndex(where: { $0.name == detail.name }) {
      details[index].value = detail.value
    } else {
      details.append(detail)
    }
  }

  var meanEnergy: Energy { Energy(cost: cost / steps, prior: prior / steps) }
  var meanKineticTemperature: Double? { kineticSteps > 0 ? kinetic / kineticSteps : nil }
  var acceptance: Double? { decided > 0 ? accepted / decided : nil }
  var summary: StepSummary {
    StepSummary(energy: meanEnergy.total, kineticTemperature: meanKineticTemperature, acceptance: acceptance)
  }

  mutating func archive(in archive: inout some StateArchive) throws {
    try archive.field("steps", &steps)
    try archive.field("cost", &cost)
    try archive.field("prior", &prior)
    try archive.field("kinetic", &kinetic)
    try archive.field("kinetic-steps", &kineticSteps)
    try archive.field("accepted", &accepted)
    try archive.field("decided", &decided)
    try archive.field("is-draw", &isDraw)
    var last = kineticEnergy ?? .nan
    try archive.field("kinetic-energy", &last)
    kineticEnergy = last.isNaN ? nil : last
    var names = details.map(\.name)
    var values = details.map(\.value)
    try archive.field("names", &names)
    try archive.field("values", &values)
    details = zip(names, values).map { ($0, $1) }
    try archive.field("warnings", &warnings)
  }
}
