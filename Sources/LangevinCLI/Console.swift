import Foundation
import Langevin

/// Where the program's words go: results to standard output, everything else to standard error.
package struct Console: Sendable {
  /// Whether lines can be redrawn in place.
  package let isTerminal: Bool
  private let output: @Sendable (String) -> Void
  private let errors: @Sendable (String) -> Void
  /// A request to stop that whoever owns the console can make.
  let interrupt: @Sendable () -> Interrupt

  /// The console of the process, whose signals ask commands to stop.
  package static var process: Console {
    func writer(_ descriptor: Int32) -> @Sendable (String) -> Void {
      { text in FileHandle(fileDescriptor: descriptor, closeOnDealloc: false).write(Data(text.utf8)) }
    }
    return Console(
      isTerminal: isatty(STDERR_FILENO) != 0, output: writer(STDOUT_FILENO), errors: writer(STDERR_FILENO),
      interrupt: Interrupt.onSignals)
  }

  /// A console that hands what is said to closures. `interrupt` is called by commands that can be asked to stop.
  package init(
    isTerminal: Bool, output: @escaping @Sendable (String) -> Void, errors: @escaping @Sendable (String) -> Void,
    interrupt: @escaping @Sendable () -> Interrupt = { Interrupt() }
  ) {
    self.isTerminal = isTerminal
    self.output = output
    self.errors = errors
    self.interrupt = interrupt
  }

  /// One on which nothing is said.
  var silent: Console { Console(isTerminal: false, output: { _ in }, errors: { _ in }, interrupt: interrupt) }

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
