import CLangevinKernels
import Langevin

/// Normals and passes over the parameter vector.
enum KernelSuite {
  static func run(_ report: inout Report) throws {
    try report.add("normals, single precision") { normals(Float.self, "normals, single precision", goal: "400 M/s") }
    try report.add("normals, double precision") { normals(Double.self, "normals, double precision", goal: nil) }
    for count in [10_000, 10_000_000] {
      let name = "SGLD pass over \(count) parameters"
      try report.add(name, against: count > 1_000_000 ? Machine.copyBandwidth.inPieces(of: 12e-3) : nil) {
        pass(name, count: count)
      }
    }
  }

  static func normals<Element: Scalar>(_ type: Element.Type, _ name: String, goal: String?) -> Workload {
    let random = RandomStream(seed: 1, purpose: .user)
    var draws = Tensor(Array(repeating: Element(0), count: 4096))
    var step: UInt64 = 0
    return Workload(name: name, amount: 4096e-6, unit: "M/s", goal: goal) {
      random.fillNormals(&draws, step: step)
      step += 1
    }
  }

  /// theta -= h g, plus noise: reads theta and g, writes theta.
  private static func pass(_ name: String, count: Int) -> Workload {
    var theta = Tensor(Array(repeating: Float(0), count: count))
    let gradient = theta
    var pass = lk_pass()
    pass.theta_g = -1e-3
    pass.noises = 1
    withUnsafeMutableBytes(of: &pass.theta_r) { $0.bindMemory(to: Double.self)[0] = 1e-3 }
    var step: UInt64 = 0
    return Workload(name: name, amount: Double(count) / 1e6, unit: "M parameters/s", goal: "455 M/s (2.2 ns)") {
      withUnsafeMutableBytes(of: &pass.noise) {
        $0.bindMemory(to: lk_noise_key.self)[0] = lk_noise_key(key: 1, step: step, lane: 0)
      }
      theta.withMutablePointer { theta in
        gradient.withPointer { lk_linear_pass(LK_F32, &pass, 0, count, theta, nil, $0, nil, nil, nil, nil) }
      }
      step += 1
    }
  }
}
