import Langevin

/// `langevin predict`
enum PredictCommand: Command {
  static let name = "predict"
  static let abstract = "average the predictions of a run's draws, and score them"
  static let usage = "FOLDER... [options]"
  static let options = [
    Option(
      "data", "FILE",
      "other examples than the run's own test set; a file, which may lack the target column, or a folder"),
    Option("draws", "N", "at most so many draws; default 200"),
    Option("interval", "P", "the probability that predicted intervals hold; default 0.9"),
    Option(
      "out", "FILE", "write the predictions as CSV: means, spreads and intervals, or class and probabilities"),
    Option("draws-out", "FILE", "write what each draw predicts for each example as CSV: mean and sd, or probabilities"),
    Option(
      "unknown-category", "error|ignore",
      "what is done with a text that the training rows of a column did not have; default as the run was told"),
    Option("json", "print the scores as a document"),
  ]

  static func run(_ arguments: Arguments, console: Console) throws -> ExitStatus {
    guard !arguments.operands.isEmpty else { throw UsageError("'predict' needs a run folder") }
    let draws = try arguments.integer("draws", in: 1...1_000_000) ?? 200
    let level = try arguments.real("interval", in: .between(0, 1)) ?? 0.9
    let unknown = try arguments.choice("unknown-category", among: Preprocessing.UnknownPolicy.allCases.map(\.rawValue))
    let prediction = try Prediction(
      of: arguments.operands.map { RunFolder($0) }, on: arguments.value("data"), mostDraws: draws, interval: level,
      unknown: unknown.flatMap(Preprocessing.UnknownPolicy.init), keepsDraws: arguments.has("draws-out"))
    for note in prediction.notes { console.note("note: \(note)") }
    if let file = arguments.value("out") {
      try prediction.write(to: file)
      console.note("\(prediction.rows.count) rows written to \(file)")
    }
    if let file = arguments.value("draws-out") {
      try prediction.writeDraws(to: file)
      console.note("\(prediction.byDraw.count - 1) rows of single draws written to \(file)")
    }
    let scores = prediction.scores
    if !scores.hasTargets {
      let advice = arguments.value("out") == nil ? "; --out FILE writes the predictions" : ""
      console.note("\(arguments.value("data") ?? "the data") has no target column, so nothing is scored\(advice)")
    }
    if arguments.has("json") {
      console.print(scores.json.description)
    } else if !scores.table.rows.isEmpty {
      console.print(scores.caption + "\n" + scores.table.description)
      if scores.hasTargets { console.print(Format.folded(scores.legend).joined(separator: "\n")) }
    }
    return .success
  }
}
