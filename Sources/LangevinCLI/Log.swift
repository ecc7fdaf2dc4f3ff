/// The messages of a run, on standard error; a quiet one leaves out all but the necessary.
struct Log {
  let console: Console
  let isQuiet: Bool

  init(_ console: Console, quiet: Bool) {
    self.console = console
    isQuiet = quiet
  }

  func note(_ text: String) { if !isQuiet { console.note(text) } }
  func warn(_ text: String) { note("warning: " + text) }
  func always(_ text: String) { console.note(text) }
  func print(_ text: String) { console.print(text) }
}
