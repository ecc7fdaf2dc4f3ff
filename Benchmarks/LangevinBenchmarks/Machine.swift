import CLangevinPeak
import Langevin

/// What the machine could do at best, measured in the same run as everything else.
enum Machine {
  /// Multiply-adds in single precision on one core, with the vectors of the instruction set in use.
  static var floatPeak: Yardstick {
    Yardstick(name: "FMA peak", workload: peak("FMA peak, single precision") { lk_peak_f32(vectorBytes, $0) })
  }

  /// The same in double precision.
  static var doublePeak: Yardstick {
    Yardstick(name: "FMA peak", workload: peak("FMA peak, double precision") { lk_peak_f64(vectorBytes, $0) })
  }

  /// Copying memory that no cache holds; bytes read and bytes written both count.
  static var copyBandwidth: Yardstick {
    let count = 1 << 24
    let source = Tensor(Array(repeating: Float(1), count: count))
    var target = Tensor(Array(repeating: Float(0), count: count))
    let workload = Workload(name: "copy bandwidth", amount: Double(8 * count) / 1e9, unit: "GB/s") {
      target.withMutablePointer { target in source.withPointer { target.update(from: $0, count: count) } }
    }
    return Yardstick(name: "copy bandwidth", workload: workload)
  }

  /// Normal numbers in single precision, in the cache.
  static var normals: Yardstick {
    Yardstick(name: "normals alone", workload: KernelSuite.normals(Float.self, "normals", goal: nil))
  }

  /// Gradients of a network that do their multiply-adds and nothing else, on so many cores.
  static func gradients(of network: MLP, batch: Int, cores: Double = 1) -> Yardstick {
    let peak = floatPeak.inPieces(of: Double(network.operationsPerExample * batch) / 1e9 / cores)
    return cores == 1 ? peak : Yardstick(name: "FMA peak of \(Int(cores)) cores", workload: peak.workload)
  }

  private static var vectorBytes: Int32 {
    switch InstructionSet.current {
    case .avx512: 64
    case .avx2: 32
    case .portable, .neon: 16
    }
  }

  private static func peak(_ name: String, _ run: @escaping (Int64) -> Double) -> Workload {
    let rounds: Int64 = 100_000
    let amount = run(rounds) / 1e9
    return Workload(name: name, amount: amount, unit: "GFLOP/s") { _ = run(rounds) }
  }
}
