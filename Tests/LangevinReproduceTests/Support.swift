import Foundation
import LangevinReproduce
import Synchronization

/// A folder of its own for a test, gone afterwards.
struct TemporaryFolder {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "langevin-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  func remove() { try? FileManager.default.removeItem(atPath: path) }

  func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path + "/" + name))
  }

  func text(of name: String) throws -> String {
    try String(contentsOf: URL(fileURLWithPath: path + "/" + name), encoding: .utf8)
  }
}

/// Runs a command line as the program does.
func reproduce(_ words: String...) -> (status: Int32, output: String, errors: String) { reproduce(words) }

func reproduce(_ words: [String]) -> (status: Int32, output: String, errors: String) {
  let said = Mutex((output: "", errors: ""))
  let status = Reproduce.run(
    words, output: { line in said.withLock { $0.output += line + "\n" } },
    errors: { line in said.withLock { $0.errors += line + "\n" } })
  return said.withLock { (status, $0.output, $0.errors) }
}
