import CLangevinKernels
import Testing

/// A set of instructions that this machine has. Tests take it as an argument and run the kernels inside `run`:
///
///     @Test(arguments: InstructionSet.available)
///     func sumIsRight(set: InstructionSet) {
///       let sum = set.run { lk_dot_f64(x, y, count) }
///
/// The choice holds for the calling thread and the duration of the closure alone, so other tests may run meanwhile.
struct InstructionSet: Sendable, CustomTestStringConvertible {
  let isa: lk_isa

  static let portable = InstructionSet(isa: LK_PORTABLE)
  static let available = [LK_PORTABLE, LK_AVX2, LK_AVX512, LK_NEON].filter(lk_isa_supported).map(InstructionSet.init)

  func run<Result>(_ body: () throws -> Result) rethrows -> Result {
    let before = lk_isa_current()
    lk_isa_select(isa)
    defer { lk_isa_select(before) }
    return try body()
  }

  var testDescription: String { String(cString: lk_isa_name(isa)) }
}

@Suite struct InstructionSetTests {
  @Test func selectionHoldsInsideRunOnly() {
    let before = lk_isa_current()
    for set in InstructionSet.available {
      #expect(set.run { lk_isa_current() } == set.isa)
      #expect(lk_isa_current() == before)
    }
  }

  @Test func unsupportedSetIsRefused() {
    let before = lk_isa_current()
    for isa in [LK_AVX2, LK_AVX512, LK_NEON] where !lk_isa_supported(isa) {
      #expect(!lk_isa_select(isa))
      #expect(lk_isa_current() == before)
    }
    #expect(lk_isa_supported(LK_PORTABLE))
  }
}
