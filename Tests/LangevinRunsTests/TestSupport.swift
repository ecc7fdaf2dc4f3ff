import Langevin
import LangevinCLI
import Synchronization

/// Runs a command line as the program does.
func langevin(_ arguments: String...) -> (status: ExitStatus, output: String, errors: String) {
  langevin(arguments)
}

func langevin(
  _ arguments: [String], interrupt: @escaping @Sendable () -> Interrupt = { Interrupt() }
) -> (status: ExitStatus, output: String, errors: String) {
  let said = Mutex((output: "", errors: ""))
  let console = Console(
    isTerminal: false, output: { text in said.withLock { $0.output += text } },
    errors: { text in said.withLock { $0.errors += text } }, interrupt: interrupt)
  let status = Program.run(arguments, console: console)
  return said.withLock { (status, $0.output, $0.errors) }
}

/// The smallest configurations that make sense, for a sampler.
func smallRun(_ sampler: String, _ settings: [String: String] = [:]) throws -> CheckedConfiguration {
  var configuration = Configuration()
  try configuration.set("data", to: "kspin:train=60,test=20,spins=6,classes=3", as: "test")
  try configuration.set("sampler", to: sampler, as: "test")
  var values = ["network": "6-5-3", "batch": "16", "steps": "60", "thin": "5", "warmup": "20", "start.steps": "10"]
  if sampler == "hmc" || sampler == "mala" { values["batch"] = "all" }
  if sampler == "hmc" { values["sampler.leapfrog-steps"] = "3" }
  if ["mclmc", "mams", "nuts"].contains(sampler) {
    values.merge(["batch": "all", "steps": "260", "warmup": "220", "thin": "20"]) { $1 }
  }
  if sampler == "minibatch-mclmc" { values.merge(["sampler.temperature": "1", "sampler.step-size": "0.01"]) { $1 } }
  if sampler == "csgld" { values["sampler.cycle"] = "10" }
  // Trees of 1024 gradients would show nothing more.
  if sampler == "nuts" { values["sampler.largest-depth"] = "4" }
  if sampler == "pl" {
    values["sampler.update-every"] = "20"
    values["sampler.temperature"] = "1e-2"
  }
  for (name, value) in values.merging(settings, uniquingKeysWith: { $1 }) {
    try configuration.set(name, to: value, as: "test")
  }
  return try configuration.check()
}
