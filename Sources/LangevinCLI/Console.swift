import Foundation
import Langevin

/// Where the program's words go: results to standard output, everything else to standard error.
package class Console {
  /// A console of the process.
  package init() {}

  /// A line of the result.
  package func print(_ text: String) { write(text + "\n", to: STDOUT_FILENO) }

  /// A line about how it goes.
  package func note(_ text: String) { write(text + "\n", to: STDERR_FILENO) }

  /// A line that is redrawn in place, on a terminal.
  package func redraw(_ text: String) { write("\r\u{1B}[K" + text, to: STDERR_FILENO) }

  /// Whether standard error is a terminal.
  package var isTerminal: Bool { isatty(STDERR_FILENO) != 0 }

  /// The number of characters of a terminal's line.
  package var width: Int {
    var size = winsize()
    return ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
  }

  /// What went wrong, in one line.
  package func complain(_ text: String) { note("langevin: " + text.replacing("\n", with: " ")) }

  private func write(_ text: String, to descriptor: Int32) {
    FileHandle(fileDescriptor: descriptor, closeOnDealloc: false).write(Data(text.utf8))
  }
}
