import LangevinReproduce
import Synchronization

/// Runs a command line as the program does.
func reproduce(_ words: String...) -> (status: Int32, output: String, errors: String) { reproduce(words) }

func reproduce(_ words: [String]) -> (status: Int32, output: String, errors: String) {
  let said = Mutex((output: "", errors: ""))
  let status = Reproduce.run(
    words, output: { line in said.withLock { $0.output += line + "\n" } },
    errors: { line in said.withLock { $0.errors += line + "\n" } })
  return said.withLock { (status, $0.output, $0.errors) }
}
