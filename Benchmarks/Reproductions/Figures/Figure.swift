import Langevin

/// A figure of one of the papers, made again: `langevin-reproduce NAME`.
protocol Figure: SendableMetatype {
  /// Its name.
  static var name: String { get }
  /// One line: what it shows, and of which paper.
  static var abstract: String { get }
  /// How long it takes on two cores, `--quick` and whole.
  static var duration: String { get }
  /// Makes its tables and drawings, and shows each as soon as it is there.
  static func make(_ easel: Easel) throws
}

/// All figures.
enum Figures {
  static let all: [any Figure.Type] = [
    CurrentsFigure.self, TheoremsFigure.self, DivergenceFigure.self, TransitionFigure.self, LearningCurveFigure.self,
    ThermodynamicsFigure.self, NoiseFigure.self, DirectionsFigure.self, DiffusionFigure.self, TemperaturesFigure.self,
    SamplersFigure.self, PartitionedTrainingFigure.self, TemperedTrainingFigure.self, ClassifierTheoremsFigure.self,
  ]

  static func named(_ name: String) throws -> any Figure.Type {
    guard let figure = all.first(where: { $0.name == name }) else {
      let names = all.map { $0.name }
      throw UsageError(
        "there is no figure '\(name)'; expected one of \(names.joined(separator: ", ")), or laws, or compare"
          + Nearest.hint(name, among: names + ["laws", "compare"]))
    }
    return figure
  }
}

/// What a figure is made with, and where its tables and drawings go.
struct Easel {
  /// Whether a shorter version will do; a figure says what it left out.
  let isQuick: Bool
  /// The seed of all that is random in it.
  let seed: UInt64
  /// The threads it may use; no number depends on them.
  let pool: ThreadPool
  /// Where its files go. What a figure keeps there lets the same command go on after an interruption.
  let folder: String
  /// A folder with published data, where there is one.
  let published: String?
  /// What is said on the way.
  let talk: Talk
  /// A request to stop.
  let interrupt: Interrupt

  /// Writes a table as NAME.csv, prints it, and writes its drawing as NAME.svg. Of a wide table only some columns are printed.
  func show(_ table: ResultTable, _ plot: Plot? = nil, as name: String, printing columns: [String]? = nil) throws {
    try write(table, as: name)
    if let plot { try draw(plot, as: name) }
    talk.print("\(table.caption)\n\(table.text(of: columns).description)\n")
  }

  /// The rows that an interrupted figure wrote as NAME.csv; none where caption or columns are not those of `table`.
  func keptRows(of table: ResultTable, as name: String) -> [(name: String, numbers: [Double])] {
    guard let bytes = try? OutputFile.read("\(folder)/\(name).csv") else { return [] }
    return table.rows(fromCSV: String(decoding: bytes, as: UTF8.self))
  }

  /// Writes a table as NAME.csv, and nothing else: for one that is too long to read.
  func write(_ table: ResultTable, as name: String) throws {
    try OutputFile.replace("\(folder)/\(name).csv", with: Array(table.csv.utf8))
  }

  /// Writes a drawing as NAME.svg.
  func draw(_ plot: Plot, as name: String) throws {
    try OutputFile.replace("\(folder)/\(name).svg", with: Array(plot.document.utf8))
  }

  /// Writes drawings side by side as NAME.svg.
  func draw(_ plots: [Plot], columns: Int, as name: String) throws {
    try OutputFile.replace("\(folder)/\(name).svg", with: Array(Plot.sheet(plots, columns: columns).utf8))
  }

  /// A sentence that belongs to the result.
  func remark(_ text: String) { talk.print(text + "\n") }

  /// Throws if someone asked to stop.
  func checkInterrupt() throws(Interruption) { if interrupt.isRequested { throw Interruption() } }
}
