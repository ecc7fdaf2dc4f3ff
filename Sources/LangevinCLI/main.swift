// The program `langevin`. All of it is in `Program`, which tests call too.

import LangevinPlatform

exit(Program.run(Array(CommandLine.arguments.dropFirst()), console: .process).rawValue)
