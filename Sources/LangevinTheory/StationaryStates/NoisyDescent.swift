import LangevinCore

/// The chain that the linear theory describes, to be simulated: u' = (1 - h H) u + noise of covariance 2 D.
public struct NoisyDescent: Sendable {
  private let drift: DenseMatrix
  private let noise: DenseMatrix
  private let start: DenseMatrix
  private let stream: RandomStream
  private var step: UInt64 = 0

  /// The chain of a stationary state whose diffusion reaches all directions.
  public init(_ state: LinearSteadyState, seed: UInt64) throws(MatrixError) {
    drift = state.drift
    noise = try Cholesky(2 * state.diffusion).lower
    start = try Cholesky(state.discreteCovariance()).lower
    stream = RandomStream(seed: seed, purpose: .noise)
  }

  /// A draw from the chain's stationary law.
  public func stationaryDraw() -> Tensor<Double> {
    var normals = Tensor<Double>(zeros: drift.rows)
    stream.substream(1).fillNormals(&normals)
    return Tensor(start * normals.elements)
  }

  /// One step.
  public mutating func advance(_ position: inout Tensor<Double>) {
    let d = drift.rows
    position.withMutablePointer { u in
      withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * d) { memory in
        guard let old = memory.baseAddress else { return }
        let normals = old + d
        old.update(from: u, count: d)
        Double.kernels.normals(stream.noiseKey(step: step), 0, d, normals)
        drift.withPointer { drift in
          noise.withPointer { noise in
            for i in 0..<d {
              var sum = 0.0
              for j in 0..<d { sum += drift[i * d + j] * old[j] + noise[i * d + j] * normals[j] }
              u[i] = sum
            }
          }
        }
      }
    }
    step += 1
  }
}
