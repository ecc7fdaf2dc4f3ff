import LangevinCore

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

func sine(_ x: Double) -> Double { sin(x) }
func cosine(_ x: Double) -> Double { cos(x) }

/// Runs `body` under an instruction set and goes back to the one before.
func withInstructionSet(_ set: InstructionSet, _ body: () throws -> Void) throws {
  let before = InstructionSet.current
  try InstructionSet.select(set)
  defer { try? InstructionSet.select(before) }
  try body()
}
