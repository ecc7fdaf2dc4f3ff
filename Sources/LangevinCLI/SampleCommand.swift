import Langevin

/// `langevin sample`
enum SampleCommand: Command {
  static let name = "sample"
  static let abstract = "sample a network and summarise what was found"
  static let usage = "[options]"
  static let discussion = """
    Data sets may bring settings with them, which langevin help data shows.
    Every option is also a key of the configuration; later options win.

    A temperature or a step size may change along the run: polynomial:a,b,c, cosine:high,low,period,
    geometric:start,end,steps, or ladder:VALUE@STEPS,VALUE@STEPS,..., such as ladder:1e-2@5000,1e-3@20000. Each rung
    with rows after the warm-up has a table of its own.

    The run ends with status 0 when it is done, 75 by --max-seconds, 143 by SIGTERM, 130 by SIGINT; the last three leave a
    checkpoint, and langevin resume goes on. SIGUSR1 writes a checkpoint in between.
    """

  static var options: [Option] {
    [
      Option("list", "show the samplers and the data sets"),
      Option(
        "data", "NAME|FILE",
        "a synthetic set by name, or a file or folder of data; default \(Configuration.defaultData)",
        choices: Recipe.sets.map { $0.name }),
      Option("target", "COLUMN", "the column of a table to predict; default the last one"),
      Option("ignore", "COLUMNS", "columns of a table that are not used, with commas between them"),
      Option("categorical", "COLUMNS", "columns of a table whose values are names"),
      Option("weights", "COLUMN", "the column of a table that says how much each row counts"),
      Option("missing", "error|drop|mean|indicator", "what is done where a table has no value; default error"),
      Option(
        "sampler", "NAME", "the sampler; default \(Configuration.samplerRule)",
        choices: SamplerCatalogue.methods.map { $0.name }),
      Option("temperature", "T", "T of the law exp(-U/T): a number, or a schedule such as ladder:1e-2@5000,1e-3@20000"),
      Option("step-size", "H", "the length of a step: a number or a schedule"),
      Option(
        "start-from", "RUN,...",
        "start where the last draws of these runs are, chain by chain; more about the start with --set start.NAME, see Settings"
      ),
    ]
      + Configuration.rows.map { row in
        Option(row.name, value(of: row), "\(row.meaning); default \(row.initial)", choices: row.choices)
      } + [
        Option("config", "FILE", "a JSON document with any of these settings, such as the run.json of another run"),
        Option("set", "KEY=VALUE", "any setting by its full name, such as sampler.friction=0.5 or data.flip=0.3"),
        Option("out", "FOLDER", "where the run goes; default langevin-run-1, or the next number that is free"),
        Option("force", "replace a run that lies there"),
        Option("resume-if-there", "go on with the run that lies there, if one does and has the same settings"),
      ] + Session.options
  }

  private static func value(of row: SettingRow) -> String {
    switch row.choices.count {
    case 1...3: row.choices.joined(separator: "|")
    case 4...: row.name.uppercased()
    default: row.expected.contains("number") && !row.expected.contains("'") ? "N" : row.name.uppercased()
    }
  }

  static func run(_ arguments: Arguments, console: Console) throws -> ExitStatus {
    try arguments.noOperands()
    if arguments.has("list") {
      console.print("Samplers\n" + Help.rows(SamplerCatalogue.methods.map { ($0.name, $0.summary) }))
      console.print("\nData sets\n" + Help.rows(Recipe.sets.map { ($0.name, $0.line) }))
      return .success
    }
    let console = try RankedSession.begin(arguments, console)
    let configuration = try configuration(from: arguments)
    let chains = try Session.chains(arguments)
    let opening = try opening(arguments)
    let folder = try RankedSession.folder(arguments)
    let log = Log(console, quiet: arguments.has("quiet"))
    let interrupt = console.interrupt()
    let run = try NetworkRun.start(
      configuration, in: folder,
      opening: try RankedSession.prepare(folder, opening, isLocking: !arguments.has("no-lock")), only: chains,
      isLocking: !arguments.has("no-lock"),
      interrupt: interrupt)
    log.note("run folder \(folder.path)")
    return try Session.run(run, arguments, interrupt: interrupt, log: log)
  }

  private static func opening(_ arguments: Arguments) throws -> SamplingRun.Opening {
    guard arguments.has("force") else { return arguments.has("resume-if-there") ? .resumingIfThere : .new }
    for other in ["resume-if-there", "only-chains"] where arguments.has(other) {
      throw UsageError("--force removes the chains that --\(other) would keep; leave one of them out")
    }
    return .replacing
  }

  static func configuration(from arguments: Arguments) throws -> CheckedConfiguration {
    var configuration = Configuration()
    let own: Set = [
      "list", "out", "force", "resume-if-there", "only-chains", "no-lock", "no-mpi", "quiet", "no-report", "help",
    ]
    for (name, value) in arguments.options where !own.contains(name) {
      switch name {
      case "config": try configuration.read(contentsOf: value)
      case "set":
        let sides = value.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard sides.count == 2 else { throw UsageError("--set is '\(value)'; expected KEY=VALUE") }
        try configuration.set(sides[0], to: sides[1], as: "--set \(sides[0])")
      default: try configuration.set(name, to: value, as: "--\(name)")
      }
    }
    return try configuration.check()
  }
}
