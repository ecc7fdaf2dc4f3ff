import CLangevinPeak
import Langevin

/// What the machine could do at best, measured in the same run as everything else.
enum Machine {
  /// Multiply-adds in single precision on one core, with the vectors of the instruction set in use: the faster of two
  /// loops that are written differently.
  static var floatPeak: Yardstick {
    Yardstick(name: "FMA peak", workload: peak("FMA peak, single precision") { lk_peak_f32($0, vectorBytes, $1) })
  }

  /// The same in double precision.
  static var doublePeak: Yardstick {
    Yardstick(name: "FMA peak", workload: peak("FMA peak, double precision") { lk_peak_f64($0, vectorBytes, $1) })
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

  private static func peak(_ name: String, _ run: @escaping (lk_peak_loop, Int64) -> Double) -> Workload {
    let rounds: Int64 = 100_000
    let loops = [LK_CHAINS, LK_OUTER].map { loop in
      Workload(name: name, amount: run(loop, rounds) / 1e9, unit: "GFLOP/s") { _ = run(loop, rounds) }
    }
    let speeds = loops.map { loop in
      (0..<9).map { _ in loop.amount / Clock.wall.time { _ = try? loop.run() } }.max() ?? 0
    }
    // A loop that is far behind does not do what it should, and the other may not either.
    let slower = speeds.min() ?? 0, faster = speeds.max() ?? 0
    guard slower > 0.75 * faster else {
      fail(
        "two loops of multiply-adds reach \(number(speeds[0])) and \(number(speeds[1])) GFLOP/s: neither is the peak")
    }
    return speeds[0] > speeds[1] ? loops[0] : loops[1]
  }
}
