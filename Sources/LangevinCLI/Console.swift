import Foundation
import Langevin

/// Where the program's words go: results to standard output, everything else to standard error.
package struct Console {
  /// Whether lines can be redrawn in place.
  package let isTerminal: Bool
  private let output: (String) -> Void
  private let errors: (String) -> Void

  /// The console of the process.
  package static var process: Console {
    func writer(_ descriptor: Int32) -> (String) -> Void {
      { text in FileHandle(fileDescriptor: descriptor, closeOnDealloc: false).write(Data(text.utf8)) }
    }
    return Console(
      isTerminal: isatty(STDERR_FILENO) != 0, output: writer(STDOUT_FILENO), errors: writer(STDERR_FILENO))
  }

  /// A console that hands what is said to closures.
  package init(isTerminal: Bool, output: @escaping (String) -> Void, errors: @escaping (String) -> Void) {
    self.isTerminal = isTerminal
    self.output = output
    self.errors = errors
  }

  /// A line of the result.
  func print(_ text: String) { output(text + "\n") }

  /// A line about how it goes.
  func note(_ text: String) { errors(text + "\n") }

  /// A line that is redrawn in place, on a terminal.
  func redraw(_ text: String) { errors("\r\u{1B}[K" + text) }

  /// What went wrong, in one line.
  func complain(_ text: String) { note("langevin: " + text.replacing("\n", with: " ")) }

  /// The number of characters of a terminal's line.
  var width: Int {
    var size = winsize()
    return ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
  }
}
