import CLangevinKernels

/// The instruction sets that the kernels are compiled for.
///
/// The best one that the processor has is chosen at the first use; the environment variable `LANGEVIN_ISA` names
/// another. Results agree bit for bit within one set and to rounding between sets.
package enum InstructionSet: String, CaseIterable, Sendable {
  /// Plain C with the platform's baseline vectors.
  case portable
  /// AVX2 with fused multiply-add, on x86-64.
  case avx2
  /// AVX-512 (F, BW, DQ, VL), on x86-64.
  case avx512
  /// NEON, on arm64.
  case neon

  private var isa: lk_isa {
    switch self {
    case .portable: LK_PORTABLE
    case .avx2: LK_AVX2
    case .avx512: LK_AVX512
    case .neon: LK_NEON
    }
  }

  /// Whether this processor can run it.
  package var isSupported: Bool { lk_isa_supported(isa) }

  /// The one that this thread uses.
  package static var current: InstructionSet { allCases.first { $0.isa == lk_isa_current() } ?? .portable }

  /// Runs `body` with this set on this thread; the threads of a pool keep theirs. For tests and comparisons.
  package func use<Value>(_ body: () throws -> Value) throws -> Value {
    let before = lk_isa_current()
    guard lk_isa_select(isa) else {
      throw LangevinError.value(of: "the instruction set", found: "'\(rawValue)'", expected: Self.choices)
    }
    defer { _ = lk_isa_select(before) }
    return try body()
  }

  /// Throws if `LANGEVIN_ISA` names a set that does not exist or that this processor lacks.
  package static func checkEnvironment() throws(LangevinError) {
    guard let refused = lk_isa_refused() else { return }
    throw .value(of: "LANGEVIN_ISA", found: "'\(String(cString: refused))'", expected: Self.choices)
  }

  private static var choices: String {
    "one of \(allCases.filter(\.isSupported).map(\.rawValue).joined(separator: ", ")) on this processor"
  }
}
