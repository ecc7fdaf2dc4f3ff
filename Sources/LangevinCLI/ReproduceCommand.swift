import Foundation
import Langevin

/// `langevin reproduce`
enum ReproduceCommand: Command {
  static let name = "reproduce"
  static let abstract = "make a figure of one of the papers again, as tables and drawings"
  static let usage = "NAME [options]"
  static let options = [
    Option("quick", "a shorter version, which says what it leaves out"),
    Option("out", "FOLDER", "where the CSV and SVG files go; default langevin-NAME"),
    Option("data", "FOLDER", "published data to use, where a figure can"),
    Option("seed", "N", "the seed; default 0"),
    Option("threads", "N", "the threads to use; default all cores"),
    Option("quiet", "say nothing on the way"),
  ]
  static var discussion: String {
    "Figures, with the time they take on two cores (quick; whole):\n"
      + Help.rows(Figures.all.map { ($0.name, "\($0.abstract): \($0.duration)") })
      + "\nA figure that was stopped goes on with the same command where it holds long runs."
  }

  static func run(_ arguments: Arguments, console: Console) throws -> ExitStatus {
    let names = Figures.all.map { $0.name }.joined(separator: ", ")
    let figure = try Figures.named(arguments.operand("figure: \(names)"))
    let threads = try arguments.integer("threads", in: 1...256) ?? ThreadPool.availableCores
    let seed = try arguments.integer("seed", in: 0...Int.max) ?? 0
    let folder = arguments.value("out") ?? "langevin-\(figure.name)"
    let easel = try Easel(
      isQuick: arguments.has("quick"), seed: UInt64(seed), pool: ThreadPool(threads: threads),
      folder: folder, published: arguments.value("data"),
      talk: Talk(console, quiet: arguments.has("quiet")), interrupt: .onSignals())
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw Failure("\(folder) cannot be made: \(error.localizedDescription)")
    }
    easel.talk.note("\(figure.name): \(figure.duration) on two cores; files go to \(folder)")
    do {
      try figure.make(easel)
    } catch is Interruption {
      console.note("stopped; the same command goes on")
      return .interrupted
    }
    return .success
  }
}
