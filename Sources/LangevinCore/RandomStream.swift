import CLangevinKernels

/// Random numbers by position instead of by order: a pure function of a key, a step, a lane and an element.
///
/// The key is hashed from (seed, chain, purpose), so that no two chains or purposes share numbers whatever the seeds;
/// the generator is Philox4x32-10 (Salmon, Moraes, Dror and Shaw, SC'11). There is no state: a run that stops and goes
/// on, or that runs on eight threads, meets the same numbers.
public struct RandomStream: Hashable, Sendable {
  /// What a stream is for. Each has numbers of its own, so that a change of batch size leaves the noise as it is.
  public struct Purpose: Hashable, Sendable {
    package let number: UInt64

    /// The normals of the steps.
    package static let noise = Purpose(number: 1)
    /// The choice of minibatches.
    package static let batches = Purpose(number: 2)
    /// Momenta at the start and where they are drawn anew.
    package static let momenta = Purpose(number: 3)
    /// The first position.
    public static let initialisation = Purpose(number: 4)
    /// Whether a proposal is accepted.
    package static let acceptance = Purpose(number: 5)
    /// Which updates of masses start afresh.
    package static let resets = Purpose(number: 6)
    /// Whether replicas change places.
    package static let exchange = Purpose(number: 7)
    /// Synthetic data.
    package static let data = Purpose(number: 8)
    /// Precisions of priors.
    package static let precisions = Purpose(number: 10)
    /// Whatever else you need; no sampler of the library draws from it.
    public static let user = Purpose(number: 9)
  }

  /// The hash of seed, chain and purpose.
  package let key: UInt64

  /// The stream of one chain for one purpose.
  public init(seed: UInt64, chain: Int = 0, purpose: Purpose) {
    var hash = Self.mixed(seed &+ 0x9E37_79B9_7F4A_7C15)
    hash = Self.mixed(hash ^ (UInt64(bitPattern: Int64(chain)) &+ 0xD1B5_4A32_D192_ED03))
    key = Self.mixed(hash ^ (purpose.number &+ 0x8CB9_2BA7_2F3D_8DD7))
  }

  private init(key: UInt64) { self.key = key }

  /// A stream of its own for part `index` of what this one is for.
  public func substream(_ index: UInt64) -> RandomStream {
    RandomStream(key: Self.mixed(key ^ Self.mixed(index &+ 0xA076_1D64_78BD_642F)))
  }

  /// The finaliser of SplitMix64 (Steele, Lea and Flood, 2014): a bijection that spreads every bit over all others.
  private static func mixed(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  package func noiseKey(step: UInt64, lane: UInt32 = 0) -> lk_noise_key {
    lk_noise_key(key: key, step: step, lane: lane)
  }
}

extension RandomStream {
  /// Fills a tensor with independent standard normals.
  public func fillNormals<Element>(_ tensor: inout Tensor<Element>, step: UInt64 = 0, lane: UInt32 = 0) {
    let count = tensor.count
    tensor.withMutablePointer { Element.kernels.normals(noiseKey(step: step, lane: lane), 0, count, $0) }
  }

  /// Fills a tensor with independent uniforms in the open interval (0, 1).
  public func fillUniforms<Element>(_ tensor: inout Tensor<Element>, step: UInt64 = 0, lane: UInt32 = 0) {
    let count = tensor.count
    tensor.withMutablePointer { Element.kernels.uniforms(noiseKey(step: step, lane: lane), 0, count, $0) }
  }

  /// One standard normal.
  public func normal(step: UInt64 = 0, lane: UInt32 = 0, element: Int = 0) -> Double {
    var value = 0.0
    Double.kernels.normals(noiseKey(step: step, lane: lane), element, 1, &value)
    return value
  }

  /// One uniform in the open interval (0, 1).
  public func uniform(step: UInt64 = 0, lane: UInt32 = 0, element: Int = 0) -> Double {
    var value = 0.0
    Double.kernels.uniforms(noiseKey(step: step, lane: lane), element, 1, &value)
    return value
  }

  /// Integers in 0..<bound: the high half of a 64-bit word times the bound, so the bias is bound/2^64. The bound of integer i
  /// is `bound + growth i`.
  package func fillIntegers(
    below bound: Int, growing growth: Int = 0, into integers: UnsafeMutableBufferPointer<Int32>, first: Int = 0,
    step: UInt64, lane: UInt32 = 0
  ) {
    let chunk = 256
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 2 * chunk) { words in
      guard let base = words.baseAddress else { return }
      var start = 0
      while start < integers.count {
        let count = min(chunk, integers.count - start)
        lk_random_words(noiseKey(step: step, lane: lane), UInt64(2 * (first + start)), 2 * count, base)
        for index in 0..<count {
          let word = UInt64(words[2 * index]) | UInt64(words[2 * index + 1]) << 32
          let limit = UInt64(bound + growth * (start + index))
          integers[start + index] = Int32(truncatingIfNeeded: word.multipliedFullWidth(by: limit).high)
        }
        start += count
      }
    }
  }

  /// Puts a list in uniformly random order (Fisher and Yates), by the numbers of one step.
  package func shuffle(_ list: UnsafeMutableBufferPointer<Int32>, step: UInt64, lane: UInt32 = 0) {
    let chunk = 256
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 2 * chunk) { words in
      guard let base = words.baseAddress else { return }
      var last = list.count - 1
      var drawn = 0
      while last > 0 {
        let count = min(chunk, last)
        lk_random_words(noiseKey(step: step, lane: lane), UInt64(2 * drawn), 2 * count, base)
        for index in 0..<count {
          let word = UInt64(words[2 * index]) | UInt64(words[2 * index + 1]) << 32
          list.swapAt(last, Int(word.multipliedFullWidth(by: UInt64(last + 1)).high))
          last -= 1
        }
        drawn += count
      }
    }
  }
}
