// The program `langevin-reproduce`. All of it is in `Reproduce`, which tests call too.

import Foundation
import Langevin

func writer(_ handle: FileHandle) -> @Sendable (String) -> Void { { handle.write(Data(($0 + "\n").utf8)) } }

exit(
  Reproduce.run(
    Array(CommandLine.arguments.dropFirst()), output: writer(.standardOutput), errors: writer(.standardError),
    interrupt: Interrupt.onSignals))
