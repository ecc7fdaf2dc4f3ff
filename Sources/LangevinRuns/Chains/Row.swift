import LangevinCore
import LangevinSamplers

/// The values of one kept step, by name.
struct Row {
  private(set) var columns: [String] = []
  private(set) var values: [Double] = []
  /// What the sampler has warned of since the last row.
  var warnings: [String] = []
  /// Whether a draw may be taken here.
  var isDraw = false
  /// The rows of the hotter rungs, where the chain is the coldest one of a ladder.
  var hotter: [Row] = []

  init(step: UInt64) { add("step__", Double(step)) }

  /// All of it but the hotter rungs' rows, for another rank.
  mutating func archive(in archive: inout some StateArchive) throws {
    try archive.field("columns", &columns)
    try archive.field("values", &values)
    try archive.field("warnings", &warnings)
    try archive.field("is-draw", &isDraw)
  }

  /// Its values in the order of a trace's columns; those that it lacks are no numbers.
  func values(of columns: [String]) -> [Double] {
    columns.map { name in self.columns.firstIndex(of: name).map { values[$0] } ?? .nan }
  }

  mutating func add(_ name: String, _ value: Double?) {
    guard let value else { return }
    columns.append(name)
    values.append(value)
  }

  /// The temperature of the row, where it changes along the run.
  static let temperature = "temperature__"
  /// (U + K)/T after the last step, where there are momenta: what ArviZ calls the energy.
  static let hamiltonian = "hamiltonian__"

  /// `lp__` is the logarithm of the unnormalised density, -U/T with the T of this row.
  mutating func add(_ energy: Energy, temperature: Double?) {
    add("lp__", -energy.total / (temperature ?? 1))
    add("energy", energy.total)
    add("cost", energy.cost)
  }
}
