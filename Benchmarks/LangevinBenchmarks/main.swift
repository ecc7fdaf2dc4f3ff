import Langevin
import LangevinPlatform

/// `langevin-benchmarks`: how fast, and how near to what the machine can do.
let usage = """
  usage: langevin-benchmarks [--suite NAME ...] [--filter TEXT] [--cpu-time] [--json] [--baseline FILE]
    suites: machine, kernels, gradients, samplers (these four by default), scaling, runs, data
    --filter TEXT   only measurements whose names contain TEXT
    --cpu-time      measures by the time at work, for a busy machine and rows of one thread
    --json          an array of objects instead of a table
    --baseline FILE compares with an earlier --json, and ends with 1 if anything got worse by more than 10 %
  """

let suites: [(name: String, run: (inout Report) throws -> Void)] = [
  (
    "machine",
    { report in
      try report.add("FMA peak, single precision") { Machine.floatPeak.workload }
      try report.add("FMA peak, double precision") { Machine.doublePeak.workload }
      try report.add("copy bandwidth") { Machine.copyBandwidth.workload }
    }
  ),
  ("kernels", KernelSuite.run),
  ("gradients", GradientSuite.run),
  ("samplers", SamplerSuite.run),
  ("scaling", ScalingSuite.run),
  ("runs", RunSuite.run),
  ("data", DataSuite.run),
]

func fail(_ message: String) -> Never {
  standardError("langevin-benchmarks: \(message)\n\(usage)")
  exit(2)
}

var chosen: [String] = []
var filter = ""
var asJSON = false
var clock = Clock.wall
var baselineFile: String?
var arguments = CommandLine.arguments.dropFirst()
while let argument = arguments.popFirst() {
  switch argument {
  case "--suite":
    guard let name = arguments.popFirst(), suites.contains(where: { $0.name == name }) else {
      fail("--suite needs one of \(suites.map(\.name).joined(separator: ", "))")
    }
    chosen.append(name)
  case "--filter":
    guard let text = arguments.popFirst() else { fail("--filter needs a text") }
    filter = text
  case "--baseline":
    guard let file = arguments.popFirst() else { fail("--baseline needs a file") }
    baselineFile = file
  case "--cpu-time": clock = .processor
  case "--json": asJSON = true
  case "--help", "-h":
    print(usage)
    exit(0)
  default: fail("unknown argument '\(argument)'")
  }
}

do {
  try InstructionSet.checkEnvironment()
  // Read first: a file that cannot be read should not cost the time of the measurements.
  let baseline = try baselineFile.map { try Baseline(file: $0) }
  var report = Report(filter: filter, asJSON: asJSON, clock: clock)
  if !asJSON { print("instruction set \(InstructionSet.current.rawValue)\n\(Report.header)") }
  let usual = ["machine", "kernels", "gradients", "samplers"]
  for suite in suites where (chosen.isEmpty ? usual : chosen).contains(suite.name) {
    try suite.run(&report)
  }
  if asJSON { print(report.json()) }
  for row in report.impossible { standardError(row) }
  if !report.impossible.isEmpty { exit(1) }
  if let baseline {
    let regressions = baseline.regressions(in: report)
    standardError("\(baseline.shared(with: report)) rows compared, \(regressions.count) worse by more than 10 %")
    for regression in regressions { standardError("  " + regression) }
    if !regressions.isEmpty { exit(1) }
  }
} catch {
  fail("\(error)")
}
