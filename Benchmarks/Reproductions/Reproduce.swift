import Foundation
import Langevin

/// The command line of `langevin-reproduce`.
package enum Reproduce {
  static let usage = """
    langevin-reproduce makes figures and tables of papers again, beside the published or exact values.

    Usage: langevin-reproduce FIGURE [options]     a figure, as CSV tables and SVG drawings
             --quick         a shorter version, which says what it leaves out
             --out FOLDER    where the files go; default langevin-FIGURE
             --data FOLDER   published data to use, where a figure can
             --seed N        the seed; default 0
             --threads N     the threads to use; default all cores
             --quiet         say nothing on the way
           langevin-reproduce laws [options]       numbers that samplers and theory must reproduce, and their z
             --filter TEXT   only tables whose names contain TEXT
             --effort E      the length of the simulations; default 1, as in the tables
             --json          an array of objects instead of tables
           langevin-reproduce compare FOLDER       a run of langevin beside the published values of its task
           langevin-reproduce --list               the figures with their times, and the tables of laws

    A figure that was stopped goes on with the same command where it holds long runs.
    """

  /// Runs a command line without the program's name; results and talk go line by line to the two closures. The status of
  /// the process: 0, 1 after a failure, 2 for a wrong command line, 130 where it was interrupted.
  package static func run(
    _ words: [String], output: @escaping @Sendable (String) -> Void, errors: @escaping @Sendable (String) -> Void,
    interrupt: () -> Interrupt = { Interrupt() }
  ) -> Int32 {
    do {
      try dispatch(words, Talk(output: output, errors: errors), interrupt)
      return 0
    } catch let error as UsageError {
      errors("langevin-reproduce: \(error); langevin-reproduce --help explains")
      return 2
    } catch is Interruption {
      errors("stopped; the same command goes on")
      return 130
    } catch {
      errors("langevin-reproduce: \(error)")
      return 1
    }
  }

  private static func dispatch(_ words: [String], _ talk: Talk, _ interrupt: () -> Interrupt) throws {
    switch words.first {
    case nil: throw UsageError("expected the name of a figure, 'laws' or 'compare'")
    case "--help", "-h": talk.print(usage)
    case "--list": talk.print(list)
    case "laws": try laws(Options(words.dropFirst(), valued: ["filter", "effort"], flags: ["json"]), talk)
    case "compare": try compare(Options(words.dropFirst(), valued: [], flags: []), talk)
    case let name?:
      let options = try Options(
        words.dropFirst(), valued: ["out", "data", "seed", "threads"], flags: ["quick", "quiet"])
      try figure(Figures.named(name), options, talk, interrupt())
    }
  }

  private static var list: String {
    "Figures, with the time they take on two cores (quick; whole)\n"
      + Figures.all.map { "  \($0.name)\n      \($0.abstract): \($0.duration)" }.joined(separator: "\n")
      + "\n\nLaws\n" + Laws.tables.map { "  " + $0.name }.joined(separator: "\n")
  }

  private static func figure(
    _ figure: any Figure.Type, _ options: Options, _ talk: Talk, _ interrupt: Interrupt
  ) throws {
    try options.noOperands()
    let folder = options["out"] ?? "langevin-\(figure.name)"
    let easel = Easel(
      isQuick: options.has("quick"), seed: UInt64(try options.integer("seed", in: 0...Int.max) ?? 0),
      pool: try ThreadPool(threads: options.integer("threads", in: 1...256) ?? ThreadPool.availableCores),
      folder: folder, published: options["data"], talk: talk.quiet(options.has("quiet")), interrupt: interrupt)
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw Failure("\(folder) cannot be made: \(error.localizedDescription)")
    }
    easel.talk.note("\(figure.name): \(figure.duration) on two cores; files go to \(folder)")
    try figure.make(easel)
  }

  private static func laws(_ options: Options, _ talk: Talk) throws {
    try options.noOperands()
    let effort = try options.number("effort") ?? 1
    var report = LawReport(asJSON: options.has("json"), talk: talk)
    for table in Laws.tables where options["filter"].map({ table.name.contains($0) }) ?? true {
      report.add(table.name, try table.rows(effort))
    }
    report.finish()
  }

  private static func compare(_ options: Options, _ talk: Talk) throws {
    let folder = RunFolder(try options.operand("run folder"))
    guard let comparison = try PublishedComparison(RunResults([folder])) else {
      throw Failure("\(folder.path) has another task, network, prior or temperature than the published runs")
    }
    talk.print(comparison.text)
  }
}

/// A command line that is wrong: one line that says what was found and what is expected.
struct UsageError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// A failure with its message.
struct Failure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
