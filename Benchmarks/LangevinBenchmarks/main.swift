import Langevin

/// `langevin-benchmarks`: how fast, and how near to what the machine can do.
let usage = """
  usage: langevin-benchmarks [--suite NAME ...] [--filter TEXT] [--json]
    suites: machine, kernels, gradients (all by default)
    --filter TEXT   only measurements whose names contain TEXT
    --json          an array of objects instead of a table
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
]

func fail(_ message: String) -> Never {
  standardError("langevin-benchmarks: \(message)\n\(usage)")
  exit(2)
}

var chosen: [String] = []
var filter = ""
var asJSON = false
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
  case "--json": asJSON = true
  case "--help", "-h":
    print(usage)
    exit(0)
  default: fail("unknown argument '\(argument)'")
  }
}

do {
  try InstructionSet.checkEnvironment()
  var report = Report(filter: filter, asJSON: asJSON)
  if !asJSON { print("instruction set \(InstructionSet.current.rawValue)\n\(Report.header)") }
  for suite in suites where chosen.isEmpty || chosen.contains(suite.name) { try suite.run(&report) }
  if asJSON { print(report.json()) }
} catch {
  fail("\(error)")
}
